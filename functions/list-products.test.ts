import { beforeAll, expect, test } from 'vitest'
import { stage } from '../local/rig/stage.ts'
import { worker } from '../local/rig/worker.ts'

const { env, sql } = stage()
const api = worker('list-products', {
  DATABASE_URL: env.DATABASE_URL,
  NEON_PROXY_URL: env.NEON_PROXY_URL,
  API_TOKENS: 'none',
})

type Page = { items: { id: number; name: string }[]; next: string | null }
const get = async (path: string) => {
  const response = await api.fetch(path)
  expect(response.status).toBe(200)
  return { page: (await response.json()) as Page, link: response.headers.get('link') }
}

beforeAll(async () => {
  expect((await get('/products')).page).toEqual({ items: [], next: null })
  await sql`insert into products (name, price, quantity) select 'product ' || n, n, n from generate_series(1, 105) n`
})

test('pages of 20 by ascending id, unless asked otherwise', async () => {
  const { page, link } = await get('/products')
  expect(page.items.map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, i) => `product ${i + 1}`))
  expect(page.items[0]).toEqual({
    id: 1,
    name: 'product 1',
    price: '1.00',
    quantity: 1,
    created_at: expect.stringMatching(/\.\d{6}\+00:00$/),
  })
  expect(link).toBe(`</products?limit=20&after=${page.next}>; rel="next"`)
})

test.each([1, 7, 35, 100])('following the links in pages of %i gives every product once, in order', async (limit) => {
  const names: string[] = []
  let path: string | undefined = `/products?limit=${limit}`
  while (path) {
    const { page, link }: Awaited<ReturnType<typeof get>> = await get(path)
    names.push(...page.items.map(({ name }) => name))
    expect(page.items.length).toBeLessThanOrEqual(limit)
    expect(link === null).toBe(page.next === null)
    path = /<(.+)>; rel="next"/.exec(link ?? '')?.[1]
  }
  expect(names).toEqual(Array.from({ length: 105 }, (_, i) => `product ${i + 1}`))
})

test('the last page has no next one, though it is full', async () => {
  const { page } = await get('/products?limit=100')
  expect((await get(`/products?limit=5&after=${page.next}`)).page).toMatchObject({ items: { length: 5 }, next: null })
})

test('every issue of the query is named at once', async () => {
  const response = await api.fetch('/products?limit=101&after=nonsense')
  expect(response.status).toBe(422)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toEqual({
    type: 'about:blank',
    title: 'Unprocessable Content',
    status: 422,
    detail: 'The query is not valid.',
    errors: [
      { parameter: 'limit', detail: 'must be a whole number from 1 to 100' },
      { parameter: 'after', detail: 'must be a cursor that a page of this list has given' },
    ],
  })
})

test.each([
  'limit=0',
  'limit=',
  'limit=-1',
  'limit=1.5',
  'limit=1e1',
  'limit=%F0%9F%92%A5',
  'limit=1&limit=2',
  'after=',
  'after=5',
  'after=aWQ6MA',
  'after=%00',
])('422 for ?%s', async (query) => {
  const response = await api.fetch(`/products?${query}`)
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({
    errors: [{ parameter: query.split('=')[0], detail: expect.any(String) }],
  })
})
