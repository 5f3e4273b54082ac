import { type ChildProcess, fork } from 'node:child_process'
import { on, once } from 'node:events'
import { createInterface } from 'node:readline'
import * as z from 'zod'

const EXIT_WITH_PARENT = import.meta.resolve('./exit-with-parent.ts')
const Done = z.object({ done: z.number(), error: z.string().optional() })

/**
 * A program of ours in a process group of its own: a machine that can be cut off, stopped and started again. It says
 * one line when it is ready.
 */
export function processGroup(script: string, args: string[], env: Record<string, string> = {}) {
  let child: ChildProcess | undefined
  let told = 0
  const isAlive = () => child !== undefined && child.exitCode === null && child.signalCode === null
  const signal = (name: NodeJS.Signals) => {
    if (child?.pid && isAlive()) process.kill(-child.pid, name)
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
    /** Gives a program that listens a command, and resolves when it says that it is done. */
    async tell(command: unknown[]) {
      const listening = child
      if (!listening || !isAlive()) throw new Error(`${script} does not run`)
      const id = ++told
      const answers = on(listening, 'message', { close: ['exit'] })
      listening.send({ id, command })
      for await (const [message] of answers) {
        const { data } = Done.safeParse(message)
        if (data?.done !== id) continue
        if (data.error === undefined) return
        throw new Error(`${command.join(' ')}: ${data.error}`)
      }
      throw new Error(`${script} ended before it was done with ${command.join(' ')}`)
    },
    isAlive,
    signal,
    pid: () => child?.pid ?? 0,
    /** Without a last word. */
    async kill() {
      process.off('exit', killNow)
      if (!child || !isAlive()) return
      const exited = once(child, 'exit')
      killNow()
      await exited
    },
  }
}
