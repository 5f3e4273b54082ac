import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { stage } from '../local/rig/stage.ts'
import { worker } from '../local/rig/worker.ts'
import { portOf } from '../local/machine/port-of.ts'

const { env } = stage()

describe('the whole API in one Worker', () => {
  const api = worker('', env)

  test('a created product is found by its Location, and listed', async () => {
    const created = await api.post('/products', { name: 'Kanelbulle', price: 24.9, quantity: 12 })
    const product = await created.json()
    expect(await (await api.fetch(created.headers.get('location') ?? '')).json()).toEqual(product)
    expect(await (await api.fetch('/products')).json()).toMatchObject({ items: expect.arrayContaining([product]) })
  })

  test.each([
    ['DELETE', '/products', 'GET, HEAD, POST'],
    ['POST', '/products/1', 'GET, HEAD, PATCH, DELETE'],
  ])('%s %s is 405, with all that the path takes', async (method, path, allow) => {
    const response = await api.fetch(path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
    expect(await response.json()).toMatchObject({ title: 'Method Not Allowed', status: 405 })
  })

  test.each(['/', '/product', '/products/', '/products/1/2', '/Products', '//products', '/%', '/products/%'])(
    '%s is 404',
    async (path) => {
      const response = await api.fetch(api.url() + path) // whole: //products alone would be a host
      expect(response.status).toBe(404)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
    },
  )
})

describe('a wrong configuration', () => {
  const secret = 'k8sVerySecret'
  const api = worker('', { DATABASE_URL: `mysql://user:${secret}@host/db`, KAFKA_BOOTSTRAP_SERVERS: secret })

  test('fails the first request with a problem that hides it, and a log line that names it', async () => {
    const response = await api.post('/products', {})
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(text).not.toMatch(/DATABASE_URL|KAFKA|mysql|k8s/)
    await expect.poll(() => api.logs().join('\n')).toContain('DATABASE_URL is not of the form')
    expect(api.logs().join('\n')).toContain('KAFKA_BOOTSTRAP_SERVERS is not of the form')
    expect(api.logs().join('\n')).not.toContain(secret)
  })

  test('fails the cron with the same words', async () => {
    api.clearLogs()
    expect((await api.cron()).outcome).toBe('exception')
    await expect
      .poll(() => api.logs().filter((line) => line.includes('DATABASE_URL is not of the form')).length)
      .toBeGreaterThan(0)
  })
})

describe('a database that cannot be reached', () => {
  const api = worker('', { ...env, NEON_PROXY_URL: 'http://127.0.0.1:1/sql' })

  test.each(['GET', 'POST'])('answers %s with 503, and says when to come back', async (method) => {
    api.clearLogs()
    const response =
      method === 'GET'
        ? await api.fetch('/products')
        : await api.post('/products', { name: 'Kanelbulle', price: 1, quantity: 1 })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      detail: 'The database cannot be reached.',
    })
    await expect.poll(() => api.logs().join('\n')).toContain('the database cannot be used')
  })
})

describe('a database whose answers break off', async () => {
  const endings = {
    'after the head': (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"rows":'),
    'into another language': (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>'),
  }
  for (const [ending, answer] of Object.entries(endings)) {
    const server = createServer((socket) => {
      socket
        .on('error', () => {})
        .once('data', () => {
          answer(socket)
          socket.end()
        })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const port = portOf(server)
    const api = worker('list-products', { ...env, NEON_PROXY_URL: `http://127.0.0.1:${port}/sql` })
    afterAll(() => void server.close())

    test(`${ending} is 503`, async () => {
      const response = await api.fetch('/products')
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    })
  }
})
