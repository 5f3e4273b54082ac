import { expect, test } from 'vitest'
import { contract } from '../lib/contract/document.ts'
import { worker } from '../local/rig/worker.ts'

const api = worker('describe-api', {}) // no database, no token

test('the contract is served as it is, and says where the API is', async () => {
  const response = await fetch(`${api.url()}/openapi.json`)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(contract(api.url()))))
})

test('the page loads what is here, and may load nothing else', async () => {
  const response = await api.fetch('/docs')
  const page = await response.text()
  const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)]
    .map(([, url = '']) => url)
    .filter((url) => !url.startsWith('data:'))
  expect(loaded).toEqual(['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/start.js'])
  const answers = await Promise.all(loaded.map((url) => api.fetch(url)))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(answers.map(({ headers }) => headers.get('content-type')?.split(';')[0])).toEqual([
    'text/css',
    'text/javascript',
    'text/javascript',
  ])

  expect(response.headers.get('cache-control')).toContain('no-transform') // or Cloudflare could write scripts into it
  const policy = response.headers.get('content-security-policy')?.split('; ') ?? []
  expect(policy).toContain("default-src 'none'")
  for (const directive of policy) expect(directive).toMatch(/^[a-z-]+(?: (?:'self'|'none'|data:|'unsafe-inline'))+$/)
  expect(policy).toContain("script-src 'self'")
})

test.each(['/docs/package.json', '/docs/swagger-ui.js', '/docs/..%2fpackage.json', '/swagger-ui.css'])(
  '%s is 404',
  async (path) => {
    const response = await api.fetch(path)
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  },
)

test('a slash too many leads to the page', async () => {
  const response = await api.fetch('/docs/', { redirect: 'manual' })
  expect([response.status, response.headers.get('location')]).toEqual([301, '/docs'])
})

test.each(['/openapi.json', '/docs', '/docs/start.js'])('%s is not sent again to who has it', async (path) => {
  const tag = (await api.fetch(path, { method: 'HEAD' })).headers.get('etag') ?? ''
  const response = await api.fetch(path, { headers: { 'if-none-match': tag } })
  expect([response.status, await response.text()]).toEqual([304, ''])
})
