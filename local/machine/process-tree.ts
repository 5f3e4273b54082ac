import { spawnSync } from 'node:child_process'

/**
 * Ends a process and all that it has started, without a last word. Synchronous, for a process that is about to exit.
 */
export function killTree(root: number) {
  if (process.platform === 'win32') return void spawnSync('taskkill', ['/PID', String(root), '/T', '/F'])
  const { stdout }: { stdout: string | null } = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }) // null without ps
  const pairs = (stdout ?? '').split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  const tree = [root]
  for (const parent of tree) tree.push(...pairs.flatMap(([pid, ppid]) => (pid && ppid === parent ? [pid] : [])))
  for (const pid of tree) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // it has ended by itself
    }
  }
}
