// Every event, for ever: a file for each partition in AUDIT_LOG_FOLDER, or `local/.data/audit-log`, with a line for
// each record. A file cannot be part of a transaction: its lines say what is written already when a process died before
// its commit.

import { createReadStream } from 'node:fs'
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
    return async ({ record, event }) => {
      const name = `${record.topic}-${record.partition}.log`
      const isNew = await append(join(folder, name), record, event)
      return `a line ${isNew ? 'added to' : 'was already in'} ${name}`
    }
  },
}

/** Whether it was not there yet. */
async function append(path: string, { topic, partition, offset }: Work['record'], event: Work['event']) {
  await using file = await open(path, 'a+', 0o600)
  const last = await lastLine(file)
  const line = `${offset} ${topic} ${partition} ${JSON.stringify(event)}`
  // An offset that was passed is either seen again, or of a topic that was deleted and made again: then nothing is
  // written of it yet.
  if (last !== undefined && BigInt(offsetOf(last)) >= BigInt(offset) && (await hasLine(path, line))) return false
  await file.write(`${line}\n`)
  await file.datasync() // before the offset is committed, or the line could be lost with the power
  return true
}

const offsetOf = (line: string) => /^\d+/.exec(line)?.[0] ?? '-1'

async function hasLine(path: string, line: string) {
  let rest = ''
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = `${rest}${String(chunk)}`.split('\n') // not node:readline, which also ends a line at U+2028
    rest = lines.pop() ?? ''
    if (lines.includes(line)) return true
  }
  return false
}

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
