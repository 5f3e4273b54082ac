import { execFile } from 'node:child_process'

const DEADLINE = 180_000 // ms

/** What a command said before it failed is told too. */
export class CommandError extends Error {
  stdout: string

  constructor(command: string, stdout: string, stderr: string) {
    super(`${command} has failed: ${stderr.slice(-2_000)}`)
    this.stdout = stdout
  }
}

type Options = { env?: Record<string, string>; cwd?: string; timeout?: number }

export const run = (command: string, args: string[], { env, cwd, timeout = DEADLINE }: Options = {}) =>
  new Promise<string>((said, failed) => {
    const options = { env: { ...process.env, ...env }, cwd, timeout, maxBuffer: 64 << 20 }
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error) failed(new CommandError(command, stdout, stderr || error.message))
      else said(stdout)
    })
  })
