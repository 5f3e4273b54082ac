import { execFile } from 'node:child_process'
import { isAlive } from './is-alive.ts'

const CHECK_MS = 500
const SAME_MS = 1_000 // one Ctrl-C reaches us twice: from the terminal, and from npm, which has it too

/**
 * Aborted when this process is asked to end: Ctrl-C, a signal, a closed terminal, or an npm that was killed. Whoever
 * asks once more does not want to wait: then it ends at once.
 */
export function stopSignal() {
  const controller = new AbortController()
  const abort = () => controller.abort()
  let asked = Infinity
  const ask = () => {
    if (performance.now() - asked > SAME_MS) process.exit(130) // 128 + SIGINT
    asked = Math.min(asked, performance.now())
    abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, ask)
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {}) // the terminal may be gone before us
  if (process.env.npm_lifecycle_event) watchNpm(abort)
  return controller.signal
}

/**
 * A killed npm passes nothing on, and the shell that it ran us in lives on: we look whether that shell's parent is
 * there.
 */
function watchNpm(whenGone: () => void) {
  const shell = process.ppid
  execFile('ps', ['-o', 'ppid=', '-p', String(shell)], (_, stdout) => {
    const npm = Number(stdout) || shell // Windows has no ps
    const check = () => (process.ppid === shell && isAlive(npm)) || whenGone() // ours is npm itself where the shell made way for us
    setInterval(check, CHECK_MS).unref()
  })
}
