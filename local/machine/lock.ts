import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'

const ANSWER_MS = 2_000
const SILENT = 'a process that says nothing. If it is stopped, let it go on with `fg`, or end it'

/**
 * Takes the lock on a folder until this process ends, however it ends. If another process has it, the answer is what
 * that one says of itself. It is a socket and no file with a process id, which would outlive its process and then name
 * another one.
 */
export async function lock(folder: string, introduceSelf: () => string) {
  const path = address(`product-api-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`)
  const listen = () =>
    once(
      createServer((socket) => socket.on('error', () => {}).end(introduceSelf()))
        .listen(path)
        .unref(),
      'listening',
    )
  try {
    await listen()
  } catch {
    const holder = await ask(path)
    if (holder !== undefined) return holder
    rmSync(path, { force: true }) // left by a killed process, where sockets are files
    await listen()
  }
}

/**
 * Not in the folder for temporary files, which the environment may move. On Linux it is no file at all: unix(7),
 * abstract sockets.
 */
function address(name: string) {
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`
  return process.platform === 'linux' ? `\0${name}` : `/tmp/${name}.sock`
}

/** Undefined when nobody listens. */
async function ask(path: string) {
  const socket = connect(path)
  try {
    return await Promise.race([text(socket), setTimeout(ANSWER_MS, SILENT, { ref: false })])
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}
