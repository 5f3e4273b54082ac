// One client's connection. As in Kafka, its requests are answered one by one in their order, and one that makes no
// sense ends it.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Node } from './node.ts'
import { ApiVersions } from './protocol/metadata.ts'
import { Reader } from './protocol/reader.ts'
import { nullableString } from './protocol/types.ts'
import { Writer } from './protocol/writer.ts'
import type { Endpoint } from './requests/endpoint.ts'
import type { Unfinished } from './unfinished.ts'

const MAX_REQUEST = 100 * 1024 * 1024 // bytes, as Kafka's socket.request.max.bytes
const LARGE = 64 * 1024 // bytes: more than Node reads at once
const CHUNK_COSTS = 256 // bytes beside its own, which make a request that comes byte by byte a large one
const MIN_REQUEST = 8 // bytes: the kind of request, its version and its correlation id

type Ends = { gone: AbortSignal; leaving: AbortSignal; heard: () => void; unfinished: Unfinished }

/**
 * Answers until the client or `gone` ends it; a malformed request throws. `leaving` ends it after the answer to the
 * request that is under way: what comes later is not read any more.
 */
export async function serve(
  socket: Socket,
  node: Node,
  endpoints: Map<number, Endpoint>,
  { gone, leaving, heard, unfinished }: Ends,
) {
  let answering = false
  const leave = () => void (answering || socket.end())
  leaving.addEventListener('abort', leave)
  gone.addEventListener('abort', () => leaving.removeEventListener('abort', leave))
  for await (const request of requests(socket, (bytes) => unfinished.note(socket, bytes))) {
    if (leaving.aborted) continue
    heard()
    answering = true
    const response = await answer(request, { node, clientHost: `/${socket.remoteAddress}`, gone }, endpoints)
    if (gone.aborted) return
    socket.cork()
    for (const chunk of response) socket.write(chunk)
    socket.uncork()
    if (socket.writableNeedDrain) await once(socket, 'drain', { signal: gone })
    answering = false
    if (leaving.aborted) leave()
  }
}

/** Cuts the stream into requests, and tells how much it holds of one that has not come to its end. */
async function* requests(stream: AsyncIterable<Buffer>, note: (bytes: number) => void) {
  let chunks: Buffer[] = []
  let noted = 0
  let have = 0
  let need = 4
  for await (const chunk of stream) {
    chunks.push(chunk)
    have += chunk.length
    while (have >= need) {
      const [first] = chunks
      const data = first && chunks.length === 1 ? first : Buffer.concat(chunks)
      const size = data.readInt32BE()
      if (size < MIN_REQUEST || size > MAX_REQUEST) throw new RangeError(`a request of ${size} bytes`)
      need = 4 + size
      chunks = [data]
      if (have < need) break
      yield data.subarray(4, need)
      const rest = data.subarray(need)
      chunks = [need > LARGE ? Buffer.from(rest) : rest] // or the rest keeps the request in memory
      have -= need
      need = 4
    }
    if (have || noted) note((noted = have && have + chunks.length * CHUNK_COSTS))
  }
}

type Caller = { node: Node; clientHost: string; gone: AbortSignal }

/** The chunks of the response: none where the client wants none. */
async function answer(request: Buffer, caller: Caller, endpoints: Map<number, Endpoint>) {
  const reader = new Reader(request)
  const key = reader.int16()
  const version = reader.int16()
  const correlation = reader.int32()
  const endpoint = endpoints.get(key)
  if (!endpoint) throw new Error(`unknown request ${key}`)
  const supported = version >= endpoint.min && version <= endpoint.max
  // A client of a later Kafka asks in a version that is not known here, and is answered in the first, which all know
  // (KIP-511).
  const negotiating = key === ApiVersions.key
  if (!supported && !negotiating) throw new Error(`version ${version} of request ${key} is not supported`)

  const writer = supported ? new Writer(version, version >= endpoint.flexible) : new Writer()
  writer.int32(correlation)
  if (!negotiating) writer.noTags() // that one's header stays as it was before there were tags, for clients to make it out
  let clientId: string | null = null
  if (supported) {
    clientId = nullableString.read(reader) // before `flexible`: this one string keeps its old form
    reader.version = version
    reader.flexible = writer.flexible
    reader.skipTags()
  }
  const write = await endpoint.answer(reader, { ...caller, version, clientId: clientId ?? '' })
  if (!write) return []
  write(writer)
  return writer.frame()
}
