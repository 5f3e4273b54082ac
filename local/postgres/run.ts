import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { withoutDetours } from '../machine/direct.ts'

/** Who a program runs as: another user, or through a command that runs it. */
export type Identity = { uid?: number; gid?: number; prefix?: string[] }

const RUN_MS = 120_000 // longer than any of them takes, on a slow disk too

/**
 * Runs a program to its end and gives its exit code and what it said. In a session of its own, so that a terminal's
 * Ctrl-C does not cut it off half-way. `silent` is for one that leaves a server behind, which would keep our pipes
 * open.
 */
export async function run(file: string, args: string[], { uid, gid, prefix = [] }: Identity = {}, silent = false) {
  const [command = file, ...rest] = [...prefix, file, ...args]
  const child = spawn(command, rest, {
    ...(uid === undefined ? {} : { uid, gid }),
    cwd: tmpdir(), // ours may be closed to that user
    detached: true,
    windowsHide: true,
    timeout: RUN_MS,
    killSignal: 'SIGKILL',
    env: { ...withoutDetours(process.env), LC_ALL: 'C' }, // PGDATA, PGPORT and more are about another server
    stdio: silent ? 'ignore' : ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout?.on('data', (chunk) => (output += chunk))
  child.stderr?.on('data', (chunk) => (output += chunk))
  await once(child, 'close')
  return { code: child.exitCode ?? 1, output: output.trim() }
}
