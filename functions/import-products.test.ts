import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ANEW_IF_BUSY } from '../local/rig/busy.ts'
import { stage } from '../local/rig/stage.ts'
import { worker } from '../local/rig/worker.ts'

const { env, sql, records } = stage()
const api = worker('import-products', env)

type Answer = { items: { id: number; name: string; price: string; quantity: number; created_at: string }[] }

const NDJSON = 'application/x-ndjson'
const CSV = 'text/csv'
const bun = { name: 'Kanelbulle', price: '24.90', quantity: 12 }
const lines = (products: unknown[]) => products.map((product) => JSON.stringify(product)).join('\n')
const send = (body: unknown, type = 'application/json') => api.post('/products/import', body, { 'content-type': type })

async function importAll(body: unknown, type?: string) {
  const response = await send(body, type)
  const answer = await response.json()
  expect([response.status, answer]).toEqual([201, { items: expect.any(Array) }])
  return (answer as Answer).items
}
const recordsOf = (items: Answer['items']) => {
  const keys = new Set(items.map(({ id }) => String(id)))
  return records().filter(({ key }) => keys.has(key))
}

const three = [
  { name: 'Kanelbulle, "stor"', price: '24.90', quantity: 12 },
  { name: 'Räksmörgås \u{1F990}', price: '149.00', quantity: 0 },
  { name: 'Semla', price: '9999999999.99', quantity: 2147483647 },
]
const table = [
  'quantity,name,price',
  '12,"Kanelbulle, ""stor""",24.90',
  '0,Räksmörgås \u{1F990},149',
  '2147483647,Semla,9999999999.99',
]

test.each([
  ['a JSON array', 'application/json', JSON.stringify(three)],
  ['a JSON array with a byte order mark', 'application/json; charset=utf-8', `\uFEFF${JSON.stringify(three)}`],
  ['NDJSON', NDJSON, lines(three)],
  ['NDJSON with a trailing newline', 'application/ndjson', `${lines(three)}\n`],
  [
    'NDJSON with CRLF, blank lines and a byte order mark',
    'Application/JSONL',
    `\uFEFF\r\n${lines(three).replaceAll('\n', '\r\n \t\r\n')}\r\n`,
  ],
  ['CSV', CSV, table.join('\r\n')],
  ['CSV with a trailing newline', 'text/csv; header=present', `${table.join('\n')}\n`],
  [
    'CSV as Excel writes it in Sweden',
    CSV,
    `\uFEFF${[
      'Name;Price;Quantity',
      '"Kanelbulle, ""stor""";24,90;12',
      'Räksmörgås \u{1F990};149,00;0',
      'Semla;9999999999,99;2147483647',
      ';;',
    ].join('\r\n')}`,
  ],
  ['CSV with blank lines and a byte order mark', CSV, `\uFEFF\r\n${table.join('\r\n\r\n')}\r\n\r\n`],
])('%s becomes products and their events, in its order', async (_, type, body) => {
  const items = await importAll(body, type)
  expect(items).toEqual(
    three.map((product) => ({ id: expect.any(Number), ...product, created_at: expect.stringMatching(/\+00:00$/) })),
  )
  expect(items.map((item) => Object.keys(item).join())).toEqual(Array(3).fill('id,name,price,quantity,created_at'))

  const ids = items.map(({ id }) => id)
  expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  expect(
    await sql`
      select id::float8 as id, name, price::text as price, quantity, rfc3339(created_at) as created_at
      from products where id = any(${ids}::bigint[]) order by id`,
  ).toEqual(items)

  await expect.poll(() => recordsOf(items).length).toBe(3)
  for (const { id, name, ...rest } of items) {
    const [record] = records().filter(({ key }) => key === String(id))
    expect(JSON.parse(record?.value ?? '')).toEqual({ type: 'product.created', product_id: id, pname: name, ...rest })
    expect(record?.headers).toMatchObject({ ce_type: 'product.created', ce_time: rest.created_at })
  }
})

test(
  'a thousand products at once: each event arrives once, with an id of its own, in the order of the products',
  ANEW_IF_BUSY,
  async () => {
    const items = await importAll(
      lines(Array.from({ length: 1_000 }, (_, i) => ({ ...bun, name: `no. ${i}` }))),
      NDJSON,
    )
    expect(items.map(({ name }) => name)).toEqual(Array.from({ length: 1_000 }, (_, i) => `no. ${i}`))
    expect(items.every(({ id }, i) => id > (items[i - 1]?.id ?? 0))).toBe(true)

    await expect.poll(() => recordsOf(items).length).toBe(1_000)
    await expect.poll(() => sql`select id from outbox`).toEqual([])
    const arrived = recordsOf(items)
    expect(new Set(arrived.map(({ key }) => key)).size).toBe(1_000)
    expect(new Set(arrived.map(({ headers }) => headers.ce_id)).size).toBe(1_000)
    for (const [, inPartition] of Map.groupBy(arrived, ({ partition }) => partition)) {
      const keys = inPartition.toSorted((a, b) => a.offset - b.offset).map(({ key }) => Number(key))
      expect(keys).toEqual(keys.toSorted((a, b) => a - b))
    }
  },
)

test('a name is kept as it was sent, whatever a statement, an array or a table could take it for', async () => {
  const names = ['NULL', '{}', '{a,b}', '\\', '\\u0000', '"', "'; --", 'a\r\nb', '\u0001', '$1', '=1+1', '__proto__']
  const table = names.map((name) => `"${name.replaceAll('"', '""')}",1,1\r\n`)
  for (const items of [
    await importAll(names.map((name) => ({ ...bun, name }))),
    await importAll(lines(names.map((name) => ({ ...bun, name }))), NDJSON),
    await importAll(`name,price,quantity\r\n${table.join('')}`, CSV),
  ])
    expect(items.map(({ name }) => name)).toEqual(names)
})

test('the events of an import carry its traceparent', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const response = await api.post('/products/import', [bun, bun], { traceparent })
  const { items } = (await response.json()) as Answer
  await expect
    .poll(() => recordsOf(items).map(({ headers }) => headers.traceparent))
    .toEqual([traceparent, traceparent])
})

test('the log names the event of an import of one, and none of several', async () => {
  const logged = async (body: unknown[]) => {
    const id = randomUUID()
    await api.post('/products/import', body, { 'x-request-id': id })
    await expect.poll(() => api.logs().filter((line) => line.includes(id))).toHaveLength(1)
    return JSON.parse(api.logs().find((line) => line.includes(id)) ?? '') as { eventId?: string }
  }
  const name = randomUUID()
  const { eventId } = await logged([{ ...bun, name }])
  await expect.poll(() => records().find(({ value }) => value.includes(name))?.headers.ce_id).toBe(eventId)
  expect(await logged([bun, bun])).not.toHaveProperty('eventId')
})

test('no product is written if one of the events cannot be', async () => {
  await sql`alter table outbox add constraint closed check (payload not like '%"pname":"refused by the outbox"%')`
  const response = await send([{ ...bun, name: 'before' }, { ...bun, name: 'refused by the outbox' }, bun])
  await sql`alter table outbox drop constraint closed`
  expect(response.status).toBe(500)
  expect(await sql`select id from products where name in ('before', 'refused by the outbox')`).toEqual([])
})

describe('bad input gets a problem, and writes nothing:', () => {
  const refused = async (status: number, body: unknown, type?: string) => {
    const count = () => sql`select (select count(*) from products) as products, (select max(id) from outbox) as events`
    await expect.poll(() => sql`select id from outbox`).toEqual([])
    const before = await count()
    const response = await send(body, type)
    const problem = (await response.json()) as { detail: string; errors?: unknown[] }
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
    expect(problem).toMatchObject({
      type: 'about:blank',
      title: expect.any(String),
      status,
      detail: expect.any(String),
    })
    expect(await count()).toEqual(before)
    return problem
  }
  const issues = async (body: unknown, type?: string) => (await refused(422, body, type)).errors
  const price = 'must be from 0 to 9999999999.99 with at most 2 decimals, as a string or a number'
  const name = 'must have 1 to 200 characters, not counting space around it'
  const unstorable = 'must not contain NUL or half of a surrogate pair'
  const quantity = 'must be a whole number from 0 to 2147483647'
  const range = 'must have 1 to 1000 entries'

  test('every issue of every product in a JSON array', async () => {
    expect(
      await issues([
        bun,
        { ...bun, name: ' ', price: -1 },
        'x',
        [],
        null,
        { ...bun, 'a/b': 1 },
        { name: 'x', price: 1 },
      ]),
    ).toEqual([
      { pointer: '/1/name', detail: name },
      { pointer: '/1/price', detail: price },
      { pointer: '/2', detail: 'must be an object' },
      { pointer: '/3', detail: 'must be an object' },
      { pointer: '/4', detail: 'must be an object' },
      { pointer: '/5/a~1b', detail: 'is not a known field' },
      { pointer: '/6/quantity', detail: 'is required' },
    ])
  })

  test('every issue of every line of NDJSON, those that are no JSON among them; blank lines count', async () => {
    const body = [
      '',
      JSON.stringify({ ...bun, name: '', quantity: 1.5 }),
      '{"name":',
      JSON.stringify(bun),
      '\r',
      '{}x',
      '[]',
      '\uFEFF{}',
      '\u00A0',
    ]
    expect(await issues(body.join('\n'), NDJSON)).toEqual([
      { line: 2, pointer: '/name', detail: name },
      { line: 2, pointer: '/quantity', detail: quantity },
      { line: 3, pointer: '', detail: 'is not well-formed JSON' },
      { line: 6, pointer: '', detail: 'is not well-formed JSON' },
      { line: 7, pointer: '', detail: 'must be an object' },
      { line: 8, pointer: '', detail: 'is not well-formed JSON' },
      { line: 9, pointer: '', detail: 'is not well-formed JSON' },
    ])
  })

  test('every issue of every row of CSV, with the line where it begins', async () => {
    const rows = [
      'name,price,quantity',
      '"two\r\nlines",1.234,1',
      '',
      'Semla,1',
      ',1,x',
      'Semla,1,1,more',
      '"last',
      '",1,1',
      'Semla,1,-1',
    ]
    expect(await issues(rows.join('\r\n'), CSV)).toEqual([
      { line: 2, pointer: '/price', detail: price },
      { line: 5, pointer: '/quantity', detail: 'is required' },
      { line: 6, pointer: '/name', detail: name },
      { line: 6, pointer: '/quantity', detail: quantity },
      { line: 7, pointer: '', detail: 'has 4 fields between commas, not 3' },
      { line: 10, pointer: '/quantity', detail: quantity },
    ])
  })

  test('a row of a million fields is one issue', async () => {
    expect(await issues(`name,price,quantity\n${','.repeat(1_000_000)}x`, CSV)).toEqual([
      { line: 2, pointer: '', detail: 'has 1000001 fields between commas, not 3' },
    ])
  })

  test.each(['', ' 1', '1 ', '1.0', '1e2', '+1', '12345678901', '2147483648', '٣', '0x1'])(
    '%j as a quantity in CSV',
    async (text) => {
      expect(await issues(`name,price,quantity\nSemla,1,${text}`, CSV)).toEqual([
        { line: 2, pointer: '/quantity', detail: quantity },
      ])
    },
  )

  test.each([
    ['Semla,1,1\nse"mla,1,1\nSemla,x,1', 3],
    ['Semla,1,1\n"sem"la,1,1', 3],
    ['Semla,1,1\n\n"semla,1,1\nSemla,1,1', 4],
  ])('a quote that leads nowhere in CSV: %j', async (rows, line) => {
    expect(await issues(`name,price,quantity\n${rows}`, CSV)).toEqual([
      { line, pointer: '', detail: 'is not well-formed CSV' },
    ])
    expect(await issues(`name,price,quantity\n${rows.replace(',1', ',x')}`, CSV)).toEqual([
      { line: 2, pointer: '/price', detail: price },
      { line, pointer: '', detail: 'is not well-formed CSV' },
    ])
  })

  test.each([
    'name,price',
    'name,price,quantity,colour',
    'name,price,price,quantity',
    '"name,price",quantity',
    'Semla,1,1',
    'name;price;count',
  ])('%s as the header of CSV', async (header) => {
    const between = header.includes(';') ? 'semicolons' : 'commas'
    const detail = `must name the columns name, price, quantity, each once, in any order, with ${between} between them`
    expect(await issues(`\n${header}\nSemla,1,1`, CSV)).toEqual([{ line: 2, pointer: '', detail }])
  })

  test.each([
    ['a number that a double would round', '{"name":"x","price":1.0000000000000001,"quantity":1}', '/price', price],
    ['another', '{"name":"x","price":1,"quantity":1.0000000000000001}', '/quantity', quantity],
    ['NUL', '{"name":"a\\u0000b","price":1,"quantity":1}', '/name', unstorable],
    ['half of a surrogate pair', '{"name":"a\\ud83eb","price":1,"quantity":1}', '/name', unstorable],
    ['__proto__', '{"name":"x","price":1,"quantity":1,"__proto__":{}}', '/__proto__', 'is not a known field'],
  ])('%s', async (_, product, pointer, detail) => {
    expect(await issues(`[${product}]`)).toEqual([{ pointer: `/0${pointer}`, detail }])
    expect(await issues(product, NDJSON)).toEqual([{ line: 1, pointer, detail }])
  })

  test('NUL in CSV', async () => {
    expect(await issues('name,price,quantity\na\0b,1,1', CSV)).toEqual([
      { line: 2, pointer: '/name', detail: unstorable },
    ])
  })

  test('of more than 100 issues it lists the first, and says how many there are', async () => {
    const { detail, errors } = await refused(422, lines([bun, ...Array(500).fill({}), bun]).replace(/$/, '\nx'), NDJSON)
    expect(detail).toBe('The body has 1501 issues, of which the first 100 are listed.')
    expect(errors).toHaveLength(100)
    expect(errors?.[0]).toEqual({ line: 2, pointer: '/name', detail: 'is required' })
    expect(errors?.at(-1)).toEqual({ line: 35, pointer: '/name', detail: 'is required' })
  })

  test('a line that is no JSON is listed where it stands', async () => {
    const { errors } = await refused(422, `x\n${lines(Array(500).fill({}))}`, NDJSON)
    expect(errors?.[0]).toEqual({ line: 1, pointer: '', detail: 'is not well-formed JSON' })
  })

  test.each([
    ['application/json', '[]'],
    ['application/json', JSON.stringify(Array(1_001).fill(bun))],
    [NDJSON, ''],
    [NDJSON, '\r\n \n'],
    [NDJSON, lines(Array(1_001).fill(bun))],
    [NDJSON, 'x\n'.repeat(1_001)],
    [CSV, ''],
    [CSV, 'name,price,quantity\n'],
    [CSV, `name,price,quantity\n${'Semla,1,1\n'.repeat(1_001)}`],
  ])('none, or more than a thousand, as %s', async (type, body) => {
    expect(await issues(body, type)).toEqual([{ pointer: '', detail: range }])
  })

  test('422 for JSON that is nested too deep to be walked', async () => {
    const deep = '['.repeat(500_000) + ']'.repeat(500_000)
    expect(await issues(deep)).toEqual([{ pointer: '/0', detail: 'must be an object' }])
    expect(await issues(deep, NDJSON)).toEqual([{ line: 1, pointer: '', detail: 'must be an object' }])
  })

  test.each(['{}', '"x"', 'null', '1'])('422 for JSON that is no array: %s', async (body) => {
    expect(await issues(body)).toEqual([{ pointer: '', detail: 'must be an array' }])
  })

  test.each(['', '[', '[{}', '[1,]', `${JSON.stringify(bun)}\n${JSON.stringify(bun)}`, '['.repeat(500_000)])(
    '400 for what is not JSON: %.20s',
    async (body) => {
      await refused(400, body)
    },
  )

  test.each(['application/json', NDJSON, CSV])('400 for %s that is not UTF-8', async (type) => {
    const text =
      { 'application/json': JSON.stringify([bun]), [NDJSON]: lines([bun]), [CSV]: table.join('\n') }[type] ?? ''
    for (const wrong of [[0xff], [0xed, 0xa0, 0xbe], [0xf0, 0x9f], [0xe4]]) {
      const { detail } = await refused(400, Buffer.concat([Buffer.from(text), Buffer.from(wrong)]), type)
      expect(detail).toBe('The body is not in UTF-8.')
    }
  })

  test.each(['', 'text/plain', 'application/json-seq', 'text/tab-separated-values', 'multipart/form-data'])(
    '415 for %j',
    async (type) => {
      const { detail } = await refused(415, [bun], type)
      expect(detail).toBe(
        'The body must be sent as application/json or application/x-ndjson or application/ndjson or application/jsonl or text/csv.',
      )
    },
  )

  test.each(['application/json', NDJSON, CSV])('413 for %s of more than 1 MiB', async (type) => {
    await refused(413, '\n'.repeat(1_048_577), type)
  })
})

test.each([
  ['application/json', JSON.stringify(Array(1_000).fill(bun))],
  [NDJSON, lines(Array(1_000).fill(bun))],
  [CSV, `name,price,quantity\n${'Semla,1,1\n'.repeat(1_000)}`],
])('a thousand products in exactly 1 MiB of %s are taken', async (type, body) => {
  expect(await importAll(body.padEnd(1_048_576, '\n'), type)).toHaveLength(1_000)
})

test('on its own it takes POST, and says so', async () => {
  const response = await api.fetch('/products/import')
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  expect((await api.post('/products', bun)).status).toBe(404)
})

describe('beside the other handlers', () => {
  const whole = worker('', env)

  test('an import is not taken for a product', async () => {
    expect((await whole.post('/products/import', [bun])).status).toBe(201)
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const response = await whole.fetch('/products/import', { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    }
  })
})
