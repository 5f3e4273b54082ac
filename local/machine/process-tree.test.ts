import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { killTree } from './process-tree.ts'

test('a process ends with all that it has started, whatever they make of signals', async () => {
  const script = `trap '' INT TERM; sh -c "trap '' INT TERM; echo started; sleep 300; :" & wait`
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const closed = once(child, 'close') // when the last one has let go of the pipe
  if (child.pid !== undefined) killTree(child.pid)
  expect(await closed).toEqual([null, 'SIGKILL'])
})
