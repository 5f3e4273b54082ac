// Changes the beginning of what a broker answers; what follows stays as it is.

import { MetadataResponse } from '../../kafka/protocol/metadata.ts'
import { Reader } from '../../kafka/protocol/reader.ts'
import type { Type } from '../../kafka/protocol/types.ts'
import { Writer } from '../../kafka/protocol/writer.ts'

type Address = { host: string; port: number }

export function rewrite<T, W>(response: Buffer, version: number, layout: Type<T, W>, change: (head: T) => W) {
  const reader = new Reader(response.subarray(8), version)
  const writer = new Writer(version)
  writer.raw(response.subarray(4, 8))
  layout.write(writer, change(layout.read(reader)))
  writer.raw(reader.take(reader.left))
  return Buffer.concat(writer.frame())
}

/** A Metadata answer that tells clients another address for each broker; `undefined` leaves a broker where it is. */
export const moveBrokers = (response: Buffer, version: number, addressOf: (broker: Address) => Address | undefined) =>
  rewrite(response, version, MetadataResponse, ({ brokers, ...head }) => ({
    ...head,
    brokers: brokers.map((told) => ({ ...told, ...addressOf(told) })),
  }))
