import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const EXIT_WITH_PARENT = import.meta.resolve('../exit-with-parent.ts')

/** A program of ours in a process group of its own: a machine that can be cut off, stopped and started again. It says one line when it is ready. */
export function processGroup(script: string, args: string[], env: Record<string, string> = {}) {
  let child: ChildProcess | undefined
  const signal = (name: NodeJS.Signals) => {
    if (child?.pid && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name)
  }
  const killNow = () => signal('SIGKILL')
  return {
    /** Gives that line. */
    async start() {
      const starting = fork(script, args, {
        detached: true,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
        execArgv: ['--no-warnings', '--import', EXIT_WITH_PARENT],
      })
      child = starting
      process.once('exit', killNow)
      if (!starting.stdout) throw new Error(`${script} has no output`)
      const lines = createInterface(starting.stdout)
      const [line]: string[] = await Promise.race([once(lines, 'line'), once(lines, 'close')])
      if (line === undefined) throw new Error(`${script} did not start`)
      return line
    },
    signal,
    pid: () => child?.pid ?? 0,
    /** Without a last word. */
    async kill() {
      process.off('exit', killNow)
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      killNow()
      await exited
    },
  }
}
