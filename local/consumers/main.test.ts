// The commands, as one types them.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startBroker } from '../kafka/fixtures.ts'
import { newShop } from './fixtures.ts'

const SLOW = { timeout: 120_000, interval: 50 }

function run(program: string, args: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(
    process.execPath,
    ['--disable-warning=TimeoutNegativeWarning', join(import.meta.dirname, program), ...args],
    {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return { child, output: () => output, exited: once(child, 'close').then(([code]) => code) }
}

test('members say in words what they do, leave on Ctrl-C, and read again what they do not do again', async () => {
  const kafka = await startBroker({ partitions: 6 }) // of its own: the groups have the names of the apps
  const shop = await newShop(kafka.brokers.join())
  const [created = ''] = shop.topics
  await shop.publish([
    { product_id: 1, partition: 0 },
    { product_id: 2, partition: 1 },
    { product_id: 3, partition: 1 },
  ])
  await shop.send(created, { key: '4', value: '{', headers: { ce_id: 'broken' }, partition: 1 })

  const first = run('main.ts', ['stock', '--count', '2'], shop.env)
  await expect.poll(first.output, SLOW).toContain(`committed ${created}, partition 1: 3 is next`)
  const rows = [
    'The group stock has 2 members:',
    ` stock-1 partitions 0 2 4 of ${created}`,
    ` stock-2 partitions 1 3 5 of ${created}`,
  ]
  for (const row of rows) await expect.poll(() => first.output().replaceAll(/ +/g, ' '), SLOW).toContain(row)
  const done = `${created}, partition 0, offset 0, key 1: product 1, version 1, done: 3 units on hand, worth 4.50`
  await expect.poll(first.output, SLOW).toContain(done)
  expect(first.output()).toContain(
    `${created}, partition 1, offset 2, key 4: a record, can never work (the value is no JSON)`,
  )
  first.child.kill('SIGINT')
  expect(await first.exited).toBe(0)
  for (const member of ['stock-1', 'stock-2'])
    expect(first.output()).toContain(`${member}        committed what it has done and left the group`)

  const second = run('main.ts', ['stock', '--from-beginning'], shop.env)
  for (const offset of [0, 1])
    await expect
      .poll(second.output, SLOW)
      .toContain(
        `${created}, partition 1, offset ${offset}, key ${offset + 2}: product ${offset + 2}, version 1, seen again`,
      )
  const refused = run('main.ts', ['stock', '--reset'], shop.env)
  expect(await refused.exited).toBe(1)
  expect(refused.output()).toBe('npm run consumers: the group stock has members that run: they must be stopped first\n')
  second.child.kill('SIGTERM')
  expect(await second.exited).toBe(0)

  const third = run('main.ts', ['stock', '--reset'], shop.env)
  await expect
    .poll(third.output, SLOW)
    .toContain(`${created}, partition 0, offset 0, key 1: product 1, version 1, done`)
  third.child.kill('SIGINT')
  expect(await third.exited).toBe(0)

  const list = run('redrive-main.ts', ['broken', '--list'], shop.env)
  expect(await list.exited).toBe(0)
  expect(list.output()).toMatch(/ of \S+ 1 2, failed in stock at attempt 1: the value is no JSON\n/)
  const sent = run('redrive-main.ts', [], shop.env)
  expect(await sent.exited).toBe(0)
  const none = run('redrive-main.ts', [], shop.env)
  expect(await none.exited).toBe(0)
  expect(none.output()).toBe('0 dead letters sent again\n')
})
