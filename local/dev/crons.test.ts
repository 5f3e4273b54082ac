import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { localCrons, scheduleCrons } from './crons.ts'
import { portOf } from '../machine/port-of.ts'

test('whatever has a timer in production has one of each minute here', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crons-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'wrangler.toml')
  await writeFile(
    file,
    'triggers = { crons = ["0 * * * *"] }\n[env.own]\ntriggers = { crons = ["0 3 * * *"] }\n[env.none.triggers]\ncrons = []\n[env.inherits]',
  )
  for (const name of ['', 'own', 'inherits']) expect(await localCrons(file, name)).toEqual(['* * * * *'])
  expect(await localCrons(file, 'none')).toEqual([])
})

test('a cron that is due calls the Worker, and a Worker that fails is told of', async () => {
  const called: string[] = []
  const server = createServer((request, response) => {
    called.push(request.url ?? '')
    response.writeHead(called.length === 1 ? 200 : 500).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const said: string[] = []
  const url = `http://127.0.0.1:${portOf(server)}`
  const stop = scheduleCrons(['* * * * * *'], url, (message) => said.push(message)) // every second
  onTestFinished(() => {
    stop()
    server.close()
  })
  await expect.poll(() => said[0]).toBe('Cron * * * * * *: failed with 500') // more may have come meanwhile
  expect(new URL(called[0] ?? '', url).searchParams.get('cron')).toBe('* * * * * *')
  expect(new URL(called[0] ?? '', url).pathname).toBe('/cdn-cgi/local/scheduled')
})
