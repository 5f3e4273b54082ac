// `npm run console`, and the same program as Docker Compose runs it: its command and variables, from the files that its
// image has.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, inject, onTestFinished, test } from 'vitest'
import { newShop } from '../consumers/fixtures.ts'
import { startBroker } from '../kafka/fixtures.ts'
import { freePort, lastingPort } from '../machine/ports.ts'
import { composeServices, copyImage } from '../rig/image.ts'
import { actOn, serveHandlers } from './fixtures.ts'
import type { State } from './state.ts'

const SLOW = { timeout: 600_000, interval: 50 } // processes that start

/** The console of a command, on a port of its own. */
async function start(words: string[], { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }) {
  const port = await lastingPort() // which nobody gets before the process has started
  const child = spawn(process.execPath, words, {
    cwd,
    env: { PATH: process.env.PATH, LOCAL_PORT_OFFSET: String(port - 8080), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await exited
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  await expect.poll(() => output, SLOW).toContain('Console on http://')
  const url = /http:\/\/\S+:\d+/.exec(output)?.[0] ?? ''
  const state = async () => (await (await fetch(`${url}/api/state`)).json()) as State
  return {
    url,
    output: () => output,
    state,
    counts: async (app: string) =>
      (await state()).groups.find(({ groupId }) => groupId === app)?.members.map(({ here }) => here?.counts) ?? [],
  }
}

/** The status by which another address of this machine, or another Host, is answered. */
async function statusAt(hostname: string, url: string, host: string) {
  const asked = request({ hostname, port: new URL(url).port, headers: { host } }).end()
  const [response] = await once(asked, 'response')
  response.resume()
  return response.statusCode
}

/** What docker-compose.yml runs as the console. */
async function composed() {
  const { console: service = '' } = await composeServices()
  const [program, ...words] = (/^ {4}command:\s*\[([^\]]*)\]/m.exec(service)?.[1] ?? '')
    .split(',')
    .map((word) => word.trim())
  const environment = [...service.matchAll(/^ {6}([A-Z_]+): (\S+)/gm)].map(([, name = '', value = '']) => [name, value])
  return { program, words: words.filter(Boolean), environment: Object.fromEntries(environment) }
}

test('Docker Compose has the console, with all that it needs in the image', async () => {
  const kafka = await startBroker({ partitions: 6 }) // of its own: the groups have the names of the apps
  const shop = await newShop(kafka.brokers.join())
  const image = await copyImage()
  onTestFinished(() => image[Symbol.asyncDispose]())
  const { program, words, environment } = await composed()
  expect(program).toBe('node')
  expect(environment).toEqual({
    API_URL: 'http://api.localhost:8787',
    DATABASE_URL: 'postgresql://products:products@postgres:5432/products',
    KAFKA_BOOTSTRAP_SERVERS: 'kafka:29092',
  })
  const silent = `http://127.0.0.1:${await freePort('', 0, () => {})}`
  const { url, state, counts } = await start(words, { cwd: image.folder, env: { ...shop.env, API_URL: silent } })

  for (const path of ['/', '/page/main.ts', '/page/style.css', '/lit-html/lit-html.js'])
    expect((await fetch(url + path)).status, path).toBe(200)

  expect(await (await fetch(url)).text()).toContain('content="docker compose up -d console"')

  // It listens beyond 127.0.0.1, as only so Docker reaches it, but goes by no other name.
  const { host, port } = new URL(url)
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)
  if (outside) expect(await statusAt(outside.address, url, host)).toBe(200)
  expect(await statusAt('127.0.0.2', url, `localhost:${port}`)).toBe(200)
  for (const name of [`console:${port}`, `0.0.0.0:${port}`, `${outside?.address}:${port}`, 'localhost'])
    expect(await statusAt('127.0.0.1', url, name), name).toBe(421)

  // What it shows is for a shell of the machine; what it cannot do there it says.
  const { about, postgres } = await state()
  expect(about).toMatchObject({
    api: 'http://127.0.0.1:8787',
    database: 'database products on 127.0.0.1:5432',
    kafka: '127.0.0.1:9092',
    canPause: expect.stringContaining('docker compose pause kafka'),
  })
  expect(postgres).toMatchObject({ trouble: null, seen: { outbox: { pending: 0 } } })
  const { body } = await actOn(url, 'invent')
  expect(body).toMatchObject({
    status: 0,
    problem: expect.stringMatching(/does not answer.*docker compose stop console/),
  })

  await shop.publish([{ product_id: 1 }])
  for (const app of about.apps) await actOn(url, 'start', { app })
  for (const app of about.apps) await expect.poll(() => counts(app), SLOW).toMatchObject([{ done: 1 }])
})

test('what the shell says of Postgres and of proxies changes nothing', async () => {
  const kafka = await startBroker({ partitions: 6 })
  const shop = await newShop(kafka.brokers.join())
  const api = await serveHandlers({
    ...shop.env,
    NEON_PROXY_URL: inject('services').NEON_PROXY_URL,
    API_TOKENS: 'none',
  })
  onTestFinished(() => api.close())
  const shell = {
    PGSSLMODE: 'require',
    PGOPTIONS: '-c search_path=x',
    PGHOST: '127.0.0.9',
    HTTP_PROXY: 'http://127.0.0.1:9',
    NODE_USE_ENV_PROXY: '1',
  }
  const { url, state, counts } = await start([join(import.meta.dirname, 'main.ts')], {
    cwd: import.meta.dirname,
    env: { ...shop.env, ...shell, API_URL: api.url },
  })
  expect((await actOn(url, 'invent')).body).toMatchObject({ status: 201 })
  await expect
    .poll(async () => (await state()).postgres, SLOW)
    .toMatchObject({ trouble: null, seen: expect.anything() })
  for (const app of ['stock', 'webhook']) await actOn(url, 'start', { app })
  for (const app of ['stock', 'webhook']) await expect.poll(() => counts(app), SLOW).toMatchObject([{ done: 1 }])
})

test.each(['abc', '-1', '50001'])('LOCAL_PORT_OFFSET=%s ends it with a reason', async (LOCAL_PORT_OFFSET) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { PATH: process.env.PATH, LOCAL_PORT_OFFSET },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  expect(code).toBe(1)
  expect(complaint).toContain('npm run console: LOCAL_PORT_OFFSET is a whole number from 0 to 50000\n')
})
