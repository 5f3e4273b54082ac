import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { withoutDetours } from './direct.ts'
import { portOf } from './port-of.ts'

test('a proxy of the shell is not asked for what runs on this machine', async () => {
  const server = createServer((_, response) => response.writeHead(204).end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${portOf(server)}`
  const program = `import { statusOf } from ${JSON.stringify(join(import.meta.dirname, 'direct.ts'))}
    console.log(await statusOf(new URL(${JSON.stringify(url)})))`
  const env = { PATH: process.env.PATH, HTTP_PROXY: 'http://127.0.0.1:9', NODE_USE_ENV_PROXY: '1' }
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { env })
  expect(stdout).toBe('204\n')
})

test('a process that asks others by the proxy of the shell asks this machine itself, and whom the shell spares', async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(String(request.url))
    response.writeHead(204).end()
  })
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const port = portOf(server)
  const program = `import { askThisMachineDirectly } from ${JSON.stringify(join(import.meta.dirname, 'direct.ts'))}
    askThisMachineDirectly()
    for (const host of ['127.0.0.1:${port}', 'localhost:${port}', 'other.example', '127.0.0.9'])
      await fetch('http://' + host + '/of/' + host).catch(() => {})`
  const env = {
    PATH: process.env.PATH,
    HTTP_PROXY: `http://127.0.0.1:${port}`,
    NO_PROXY: '127.0.0.9',
    NODE_USE_ENV_PROXY: '1',
  }
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { env })
  expect(asked.slice(0, 2)).toEqual([`/of/127.0.0.1:${port}`, `/of/localhost:${port}`])
  expect(asked.slice(2)).toEqual([expect.stringContaining('other.example')])
})

test('programs of ours get the environment without proxies and without what leads to another Postgres', () => {
  const detours = {
    PGHOST: 'h',
    pgoptions: 'o',
    HTTP_PROXY: 'p',
    https_proxy: 'p',
    NO_PROXY: 'n',
    NODE_USE_ENV_PROXY: '1',
  }
  expect(withoutDetours({ ...detours, PATH: '/bin', NODE_ENV: 'production' })).toEqual({
    PATH: '/bin',
    NODE_ENV: 'production',
  })
})
