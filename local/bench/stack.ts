// What `npm run bench` compares: the API, and Workers that do less.

import { query } from '../rig/history.ts'
import { startKafkaProxy } from '../rig/kafka-proxy/proxy.ts'
import { clusterOf } from '../rig/topics.ts'
import { NOBODY, type Services, TOPICS } from './services.ts'

const UNPUBLISHED = ['bench_events', 'bench_unpublished'] as const // databases whose outbox nobody empties

export type Stack = Awaited<ReturnType<typeof startStack>>

/** Resolves when all of it answers. */
export async function startStack({ brokers, pids, databaseUrl, urlOf, env, ...services }: Services) {
  const counting = await startKafkaProxy(await clusterOf([brokers]))
  services.use({ [Symbol.asyncDispose]: () => counting.close() })
  const worker = (name: string, bindings: Record<string, string>) => services.startWorker(name, bindings)
  for (const name of ['bench_counted', 'bench_dead', 'bench_rival', ...UNPUBLISHED]) await services.createDatabase(name)
  await query(urlOf('bench_rival'), 'alter table products disable trigger user') // who publishes at once has no outbox
  return {
    api: await worker('api', env(databaseUrl)),
    counted: await worker('api', env(urlOf('bench_counted'), counting.addresses.join())),
    dead: await worker('api', env(urlOf('bench_dead'), NOBODY)),
    noop: await worker('noop', {}),
    subrequest: await worker('subrequest', env(databaseUrl, '')),
    insert: await worker('insert', env(urlOf('bench_rival'), '')),
    insertWithEvent: await worker('insert-with-event', { ...env(urlOf(UNPUBLISHED[0]), ''), ...TOPICS }),
    unpublished: await worker('unpublished', env(urlOf(UNPUBLISHED[1]))),
    rival: await worker('producer-per-request', { ...env(urlOf('bench_rival')), PRODUCTS_TOPIC: 'bench' }),
    connections: () => counting.accepted(),
    /** Empties the outboxes that nobody publishes: their size must not slow down a later round. */
    forgetUnpublished: () => Promise.all(UNPUBLISHED.map((name) => query(urlOf(name), 'truncate outbox'))),
    databaseUrl,
    pids,
  }
}
