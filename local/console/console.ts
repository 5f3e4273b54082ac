// The live console: one page on which one sees a product become a row, an event, a record, and work in each consumer
// group.
//
//   server.ts, safety.ts    who is let in, and what each path leads to
//   files.ts, page/         the page: lit-html in TypeScript, of which Node strips the types
//   stream.ts               what the pages are sent while they look
//   watch.ts, database.ts   looks at Postgres again and again
//   kafka/                  looks at topics and groups, and reads the records in one group for all pages
//   state.ts                what the page shows, as data
//   story.ts, way.ts        what happened to the groups; the way of one product
//   replays.ts              what a group sees again after it was moved back
//   desk.ts                 what each path answers
//   actions.ts, move.ts …   what the page can have done
//
// It speaks Kafka's protocol, SQL and HTTP only, so it works with any Kafka and any Postgres. While nobody looks, it
// asks nobody.

import { randomBytes } from 'node:crypto'
import type { Admin } from 'kafkajs'
import type { PublisherConfig } from '../../lib/config.ts'
import { APP_NAMES } from '../consumers/consumers.ts'
import { deadLetterTopic, topicsOf } from '../consumers/kafka.ts'
import type { Supervisor } from '../consumers/reports.ts'
import type { Hands } from './actions.ts'
import { openAttention } from './attention.ts'
import { type DatabaseLook, lookAtDatabase, openClient } from './database.ts'
import { openDesk } from './desk.ts'
import { nothingYet, seenNow } from './experiments.ts'
import { openKafka } from './kafka/client.ts'
import { type KafkaLook, openLook } from './kafka/look.ts'
import { readRecords } from './kafka/read.ts'
import { openRing } from './kafka/ring.ts'
import { openLagHistory } from './lag.ts'
import { openLetters } from './letters.ts'
import { openLoad } from './load.ts'
import { moveGroup } from './move.ts'
import { openOutcomes } from './outcomes.ts'
import { type Api, callApi, inventProduct, type RequestView } from './products.ts'
import { openReplays } from './replays.ts'
import { serve } from './server.ts'
import { type About, describeGroups, describeTopics, type State } from './state.ts'
import { openStory } from './story.ts'
import { openStream } from './stream.ts'
import { type View, watch } from './watch.ts'

const LOOK_KAFKA = 500 // ms
const LOOK_POSTGRES = 500 // ms
const MOST_REQUESTS = 200

export type Options = {
  port: number
  /** Where it listens, in a container. */
  host?: string
  config: PublisherConfig
  /** What to call the database: without its password. */
  database: string
  api: Api
  /** Where the commands that the page gives find API and Kafka, where that is not as we find them. */
  shell?: { api: string; kafka: string }
  /** What somebody types to start this console. */
  command: string
  /** Who starts and ends the members. */
  supervisor: Supervisor
  /** Stops a broker that is ours from answering, or lets it go on. */
  pauseBroker?: (paused: boolean) => void
}

export async function startConsole(options: Options) {
  const { port, host, config, database, api, shell, command, supervisor, pauseBroker } = options
  const kafka = openKafka(config)
  const ring = openRing()
  const look = openLook()
  const lag = openLagHistory()
  const story = openStory()
  const outcomes = openOutcomes()
  const replays = openReplays(outcomes.wasDone)
  let requests: RequestView[] = []
  let brokerPaused = false
  let experiments: State['experiments'] = {}
  let memory = nothingYet

  const topics = topicsOf(config)
  const allTopics = [...topics, ...topics.map(deadLetterTopic)]

  const postgres = watch<Awaited<ReturnType<typeof openClient>>, DatabaseLook>({
    open: () => openClient(config.DATABASE_URL),
    look: lookAtDatabase,
    close: (client) => client.end(),
    ms: LOOK_POSTGRES,
    changed() {},
  })
  const cluster = watch<Admin, KafkaLook>({
    async open() {
      const admin = kafka.admin()
      await admin.connect()
      return admin
    },
    look: (admin) => look(admin, { topics: allTopics, groups: [...APP_NAMES, reader.groupId] }),
    close: (admin) => admin.disconnect(),
    ms: LOOK_KAFKA,
    changed: noticeKafka,
  })
  const reader = readRecords(kafka, ring)

  /** What one look at Kafka leads to. */
  function noticeKafka() {
    const { seen } = cluster.view()
    if (!seen) return
    const now = Date.now()
    if (ring.forgetRemade(seen.topics)) reader.again()
    reader.want(seen.topics.flatMap(({ name: topic, partitions }) => partitions.map((ends) => ({ ...ends, topic }))))
    story.see(seen.groups, (groupId) => APP_NAMES.includes(groupId) || groupId.startsWith('console-'), now)
    for (const group of groupsNow()) if (group.lag !== null) lag.note(group.groupId, group.lag, now)
  }

  const unsubscribe = supervisor.subscribe((report) => {
    story.tell(report)
    replays.take(report)
    outcomes.take(report)
  })

  const about: About = {
    start: randomBytes(8).toString('hex'),
    api: shell?.api ?? api.url,
    database,
    kafka: shell?.kafka ?? config.KAFKA_BOOTSTRAP_SERVERS.join(),
    topics: allTopics.map((name, i) => ({ name, role: i > 1 ? 'dead letters' : i ? 'changed' : 'created' })),
    apps: APP_NAMES,
    readerGroup: reader.groupId,
    canPause: pauseBroker
      ? true
      : 'This broker is not ours: pause it where it runs, as with `docker compose pause kafka`.',
    canRun: true,
  }

  const groupsNow = () =>
    describeGroups({
      topics: cluster.view().seen?.topics ?? [],
      groups: cluster.view().seen?.groups ?? [],
      members: supervisor.members(),
      apps: APP_NAMES,
      readerGroup: reader.groupId,
      ring,
      history: lag.of,
      now: Date.now(),
    })

  function state(): State {
    const { seen, trouble } = cluster.view()
    const broker = seen && {
      brokers: seen.brokers,
      controller: seen.controller,
      clusterId: seen.clusterId,
      groupsLeftOut: seen.groupsLeftOut,
    }
    const rest = {
      about,
      postgres: describePostgres(postgres.view()),
      kafka: { trouble, paused: brokerPaused, broker },
      topics: describeTopics(seen?.topics ?? [], ring),
      groups: groupsNow(),
      story: story.chapters(),
      replays: replays.view(),
      load: load.view(),
      requests: requests.slice(0, 6),
    }
    const { seen: happened, memory: next } = seenNow(rest, outcomes.dead(), memory)
    memory = next
    for (const name of happened) if (!(name in experiments)) experiments = { ...experiments, [name]: Date.now() }
    return { ...rest, experiments }
  }

  async function call(request: Parameters<Hands['call']>[0]) {
    const answered = await callApi(api, request)
    const id = /^\/products\/(\d+)$/.exec(request.path)?.[1]
    const productId = answered.productId ?? (id === undefined ? null : Number(id))
    const { errors: _, ...view } = answered
    requests = [{ ...view, productId }, ...requests].slice(0, MOST_REQUESTS)
    return { ...answered, productId }
  }
  const load = openLoad(() => call({ method: 'POST', path: '/products', body: inventProduct() }))

  const attention = openAttention(
    () => {
      postgres.start()
      cluster.start()
      reader.start()
    },
    () => Promise.all([postgres.stop(), cluster.stop(), reader.stop()]),
  )
  const lookedAt = () => Math.min(postgres.view().lookedAt, cluster.view().lookedAt)
  const stream = openStream(state, (pages) => attention.seenBy(pages))

  const hands: Hands = {
    databaseUrl: config.DATABASE_URL,
    supervisor,
    load,
    call,
    async move(move) {
      const moved = await moveGroup(kafka, topics, move)
      if (moved.done) replays.begin(moved, Date.now())
      return moved
    },
    letters: openLetters(kafka, config),
    pauseBroker: pauseBroker && ((paused) => pauseBroker((brokerPaused = paused))),
  }

  const server = await serve({
    port,
    host,
    token: randomBytes(32).toString('base64url'),
    command,
    desk: openDesk({
      hands,
      stream,
      kafka,
      ring,
      fresh: () => attention.look(lookedAt),
      state,
      known: () => ({
        requests,
        outcomes: outcomes.of,
        groups: groupsNow(),
        clock: postgres.view().seen?.clock ?? 0,
      }),
    }),
  })

  return {
    url: server.url,
    async close() {
      unsubscribe()
      load.close()
      await server.close()
      await attention.close()
    },
  }
}

/** Without what changes with every look. */
function describePostgres({ seen, trouble }: View<DatabaseLook>): State['postgres'] {
  if (!seen) return { seen, trouble }
  const { clock: _, ...rest } = seen
  return { seen: rest, trouble }
}
