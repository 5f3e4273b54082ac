// Every event, for ever: a file for each partition in AUDIT_LOG_FOLDER, or `local/.data/audit-log`, with a line for each record.
// A file cannot be part of a transaction: the offset in the last line says what is written already when a process died before its commit.

import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileHandle } from 'node:fs/promises'
import { DATA } from '../../dev/data.ts'
import type { App, Work } from '../app.ts'

const CHUNK = 4_096 // bytes that are read from the end of a file, and twice as many where that is less than a line
const NEWLINE = 0x0a

const folderOf = (env: NodeJS.ProcessEnv) => env.AUDIT_LOG_FOLDER || join(DATA, 'audit-log')

export const auditLog: App = {
  name: 'audit-log',
  create: '',
  forget: (_client, env) => rm(folderOf(env), { recursive: true, force: true }),
  olderToo: true,
  async start(env) {
    const folder = folderOf(env)
    await mkdir(folder, { recursive: true })
    return ({ record, event }) => append(join(folder, `${record.topic}-${record.partition}.log`), record, event)
  },
}

async function append(path: string, { topic, partition, offset }: Work['record'], event: Work['event']) {
  await using file = await open(path, 'a+', 0o600)
  const last = await lastLine(file)
  if (last !== undefined && BigInt(offsetOf(last)) >= BigInt(offset)) return
  await file.write(`${offset} ${topic} ${partition} ${JSON.stringify(event)}\n`)
  await file.datasync() // before the offset is committed, or the line could be lost with the power
}

const offsetOf = (line: string) => /^\d+/.exec(line)?.[0] ?? '-1'

/** The last whole line. What a process that died has begun to write behind it is cut off. */
async function lastLine(file: FileHandle) {
  const { size } = await file.stat()
  for (let length = Math.min(CHUNK, size); length; length = Math.min(length * 2, size)) {
    const tail = Buffer.alloc(length)
    await file.read(tail, 0, length, size - length)
    const end = tail.lastIndexOf(NEWLINE)
    const begin = end > 0 ? tail.lastIndexOf(NEWLINE, end - 1) : -1
    if (begin < 0 && length < size) continue // the line begins before what was read
    if (size - length + end + 1 < size) await file.truncate(size - length + end + 1)
    return end < 0 ? undefined : tail.toString('utf8', begin + 1, end)
  }
  return undefined
}
