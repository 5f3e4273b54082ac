import { expect, test } from 'vitest'
import { openGate, type Step } from './gate.ts'

const step: Step = 'after a batch is taken'

test('the first that comes to the step is held until it is released, the others go on', async () => {
  const gate = openGate()
  const holding = gate.hold(step, 10_000)
  const gone: string[] = []
  const go = async (worker: number, at: Step, name: string) => {
    await gate.checkpointOf(worker)(at)
    gone.push(name)
  }
  await go(0, 'before a batch is taken', 'elsewhere')
  const first = go(1, step, 'first')
  await go(0, step, 'second')
  const held = await holding
  expect(held?.worker).toBe(1)
  expect(gone).toEqual(['elsewhere', 'second'])
  held?.release()
  await first
  await go(1, step, 'later')
  expect(gone).toEqual(['elsewhere', 'second', 'first', 'later'])
})

test('nobody is held where nobody came in time', async () => {
  const gate = openGate()
  expect(await gate.hold(step, 1)).toBeUndefined()
  await gate.checkpointOf(0)(step)
})
