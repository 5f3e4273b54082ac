// `npm run dev -- --consumers`, from its start to Ctrl-C.

import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { dev, newPlace, nothingLeft, post, product, SLOW } from '../dev/fixtures.ts'
import { APP_NAMES } from './consumers.ts'

test('each of the five tells what it did with a new product, one that is killed comes back, and Ctrl-C ends all', async () => {
  const place = await newPlace()
  const { child, ready, output, exited } = dev(place, ['--consumers'])
  const api = await ready()
  const started = (name: string) => [...output().matchAll(new RegExp(`${name} +starts as process (\\d+)\n`, 'g'))]
  const pids = () => APP_NAMES.flatMap((app) => started(`${app}-1`).map(([, pid]) => Number(pid)))
  await expect.poll(pids, SLOW).toHaveLength(APP_NAMES.length)
  const create = async () => Number((await post(api, product)).headers.get('location')?.split('/').at(-1))
  const id = await create()
  const done = (id: number) => (app: string) =>
    new RegExp(`${app}-1 +products.created, partition \\d, offset \\d+, key ${id}: product ${id}, version 1, done: `)
  for (const app of APP_NAMES) await expect.poll(output, SLOW).toMatch(done(id)(app))

  const [stock = 0] = pids()
  process.kill(stock, 'SIGKILL')
  await expect.poll(output, SLOW).toContain('crashed with SIGKILL')
  await expect.poll(() => started('stock-1').length, SLOW).toBe(2)
  const next = await create()
  await expect.poll(output, SLOW).toMatch(done(next)('stock'))

  child.kill('SIGINT')
  expect(await exited).toBe(0)
  await nothingLeft(place)
  const left = await Promise.all(pids().map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  expect(left.filter((line) => line.includes('member.ts'))).toEqual([])
})
