// Nothing keeps it from ending, and nothing waits in silence.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dev, newPlace, type Place, post, processes, product, SLOW } from './fixtures.ts'

const TIMEOUT = { timeout: 300_000 }

/** Postgres stands still, as a process under a debugger or on a full disk does. */
async function stopPostgres({ folder }: Place) {
  const pid = Number.parseInt(await readFile(join(folder, 'postgres/cluster/postmaster.pid'), 'utf8'), 10)
  process.kill(pid, 'SIGSTOP')
}

test('Ctrl-C ends it though Postgres hangs, and leaves nothing behind', TIMEOUT, async () => {
  const place = await newPlace()
  const { child, ready, output, exited } = dev(place)
  await ready()
  await stopPostgres(place)
  child.kill('SIGINT')
  expect(await exited).toBe(0)
  expect(output()).toContain('Stopping. Another Ctrl-C does not wait\n')
  await expect.poll(() => processes(place), SLOW).toEqual([])
})

test(
  'a second Ctrl-C does not wait for what hangs; npm, which passes the first one on, is no second one',
  TIMEOUT,
  async () => {
    const place = await newPlace()
    const { child, ready, output, exited } = dev(place)
    await ready()
    await stopPostgres(place)
    child.kill('SIGINT')
    child.kill('SIGINT')
    await expect.poll(output, SLOW).toContain('Stopping. Another Ctrl-C does not wait\n')
    child.kill('SIGINT')
    expect(await exited).toBe(130)
  },
)

test('one that stands still is named to the next', TIMEOUT, async () => {
  const place = await newPlace()
  const first = dev(place)
  await first.ready()
  first.child.kill('SIGSTOP')
  const second = dev(place)
  expect(await second.exited).toBe(1)
  expect(second.output()).toBe(
    'npm run dev: already running: a process that says nothing. If it is stopped, let it go on with `fg`, or end it\n',
  )
  first.child.kill('SIGCONT')
  first.child.kill('SIGINT')
  expect(await first.exited).toBe(0)
})

test('a folder that cannot be written is named, with what to do', TIMEOUT, async () => {
  const place = await newPlace()
  const { exited, output } = dev(place, [], { LOCAL_DATA: join(import.meta.filename, 'data') })
  expect(await exited).toBe(1)
  expect(output()).toMatch(
    /^npm run dev: data cannot be kept: ENOTDIR.*\. Name a folder that you can write in LOCAL_DATA\n$/,
  )
})

test('a workerd that crashes comes back, or its end is said with what to do', TIMEOUT, async () => {
  const place = await newPlace()
  const { child, ready, output, exited } = dev(place)
  const api = await ready()
  const workers = (await processes(place, 'pid=,args=')).filter((line) => line.includes('workerd serve'))
  expect(workers).not.toEqual([])
  for (const line of workers) process.kill(Number.parseInt(line, 10), 'SIGKILL')
  const answers = () =>
    post(api, product).then(
      ({ status }) => status === 201,
      () => false,
    )
  const said = () =>
    /workerd has crashed, and the API has not answered for 10 s\. .*Ctrl-C, and start again\n/.test(output())
  await expect.poll(async () => said() || (await answers()), SLOW).toBe(true)
  child.kill('SIGINT')
  expect(await exited).toBe(0)
})

test('a shell full of settings for other programs changes nothing', TIMEOUT, async () => {
  const place = await newPlace()
  const { child, ready, exited } = dev(place, [], {
    PGSSLMODE: 'require',
    PGOPTIONS: '-c search_path=x',
    PGSSLNEGOTIATION: 'direct',
    PGHOST: 'elsewhere.invalid',
    HTTP_PROXY: 'http://127.0.0.1:9',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    NODE_USE_ENV_PROXY: '1',
    NODE_ENV: 'production',
  })
  const api = await ready()
  expect((await post(api, product)).status).toBe(201)
  await expect
    .poll(async () => (await fetch(`${api}/health`)).json(), SLOW)
    .toMatchObject({ status: 'ok', outbox: { pending: 0 } })
  child.kill('SIGINT')
  expect(await exited).toBe(0)
  expect(await processes(place)).toEqual([])
})
