// What a request costs beside many rows, as a ratio to the same beside few: what grows with a table is a fault.

import { encodeCursor } from '../../lib/http/cursor.ts'
import { total, withCpu } from './cpu.ts'
import { type Outbox, whenDrained } from './drained.ts'
import { asSuperuser, fillOutbox, fillProducts } from './fill.ts'
import { type Call, load, POST } from './load.ts'
import { NOBODY, type Services } from './services.ts'
import { heading, ratios, row, show, spread } from './statistics.ts'

const FEW = 1_000 // products
const HELD = 'products.created:0'
const PAGE = 20 // products
const DEEP = 10_000 // pages
const IMPORT = 1_000 // rows
const WARM_UP = 1 // s
const ALONE = 1 // connection: what is measured is the cost of a request, not what waits for what

type Subject = Outbox & { pid: number; database: string; products: number; publishes: boolean }
type Pair = { name: string; call: (subject: Subject) => Call; many: Subject; few: Subject }

export async function measureGrowth(
  services: Services,
  { products, pending }: { products: number; pending: number },
  effort: { rounds: number; seconds: number },
) {
  const subject = async (database: string, size: number, broker?: string): Promise<Subject> => {
    const databaseUrl = await services.createDatabase(database)
    await asSuperuser(services.superuserUrlOf(database), (client) => fillProducts(client, size))
    const worker = await services.startWorker('api', services.env(databaseUrl, broker))
    return { databaseUrl, url: worker.url, pid: worker.pid, database, products: size, publishes: broker !== NOBODY }
  }
  const subjects = {
    few: await subject('bench_few', FEW),
    many: await subject('bench_many', products),
    held: await subject('bench_held', FEW),
    dead: await subject('bench_dead', FEW, NOBODY),
    pending: await subject('bench_pending', FEW, NOBODY),
  }
  await asSuperuser(services.superuserUrlOf('bench_held'), async (client) => {
    await client.query(`insert into outbox_held values ($1, 1, now() + interval '1 hour', 'NOT_ENOUGH_REPLICAS')`, [
      HELD,
    ])
    await fillOutbox(client, pending, HELD)
  })
  await asSuperuser(services.superuserUrlOf('bench_pending'), (client) => fillOutbox(client, pending))
  await asSuperuser(services.superuserUrlOf('bench_many'), (client) => client.query('checkpoint'))

  const { few, many, held, dead, pending: waiting } = subjects
  const pairs: Pair[] = [
    { name: `POST, ${shown(products)} products`, call: () => POST, many, few },
    { name: `GET by id, any of ${shown(products)}`, call: anyProduct, many, few },
    { name: `GET list, page 1 of ${shown(products)} products`, call: () => ({ path: '/products' }), many, few },
    { name: `the same, page ${shown(deepest(many))}, to page 1`, call: deepPage, many, few },
    { name: `import of ${shown(IMPORT)}, ${shown(products)} products`, call: () => IMPORT_CALL, many, few },
    { name: `POST, ${shown(pending)} events held back`, call: () => POST, many: held, few },
    { name: `POST, ${shown(pending)} events wait, no broker`, call: () => POST, many: waiting, few: dead },
  ]
  await measure(services, pairs, effort)
}

async function measure(services: Services, pairs: Pair[], { rounds, seconds }: { rounds: number; seconds: number }) {
  const { proxy, postgres } = services.pids
  const once = async (subject: Subject, call: Call, duration = seconds) => {
    const pids = { workerd: subject.pid, proxy, postgres }
    const pace = { connections: ALONE, seconds: duration }
    const { rate, cpu } = await withCpu(pids, () => load(subject.url, call, pace))
    if (subject.publishes) await whenDrained(subject)
    return { ms: 1000 / rate, cpu: total(cpu), postgres: cpu.get('postgres') ?? NaN }
  }
  for (const each of new Set(pairs.flatMap(({ many, few }) => [few, many]))) await once(each, POST, WARM_UP)

  console.log('\nA request beside many rows, to one beside few: median (minimum-maximum) of the rounds\n')
  console.log(heading('request', 'time', "Postgres's CPU", 'all CPU', 'ms', 'ms beside few'))
  for (const { name, call, many, few } of pairs) {
    const results: { many: Awaited<ReturnType<typeof once>>; few: Awaited<ReturnType<typeof once>> }[] = []
    for (let round = 0; round < rounds; round++) {
      results.push({ few: await once(few, call(few)), many: await once(many, call(many)) })
      await forgetNew(services, [many, few])
    }
    const of = (side: 'many' | 'few', value: 'ms' | 'cpu' | 'postgres') => results.map((each) => each[side][value])
    const compared = (value: 'ms' | 'cpu' | 'postgres') => show(ratios(of('many', value), of('few', value)))
    const ms = (side: 'many' | 'few') => spread(of(side, 'ms')).median.toFixed(2)
    console.log(row(name, compared('ms'), compared('postgres'), compared('cpu'), ms('many'), ms('few')))
  }
}

/** What a round has written: few products must remain few. */
async function forgetNew({ superuserUrlOf }: Services, subjects: Subject[]) {
  for (const { database, products } of subjects)
    await asSuperuser(superuserUrlOf(database), async (client) => {
      await client.query('delete from products where id > $1', [products])
      await client.query('vacuum products')
    })
}

const anyProduct = ({ products }: Subject): Call => ({
  path: () => `/products/${1 + Math.floor(Math.random() * products)}`,
})

/** The page that is asked for by its cursor; of few the first. */
const deepPage = (subject: Subject): Call => ({
  path: subject.products === FEW ? '/products' : `/products?after=${encodeCursor((deepest(subject) - 1) * PAGE)}`,
})
const deepest = ({ products }: Subject) => Math.min(DEEP, Math.floor(products / PAGE))

const IMPORT_CALL: Call = {
  method: 'POST',
  path: '/products/import',
  body: JSON.stringify(Array.from({ length: IMPORT }, (_, n) => ({ name: `Tea ${n}`, price: '1.50', quantity: n }))),
}

const shown = (count: number) => count.toLocaleString('en')
