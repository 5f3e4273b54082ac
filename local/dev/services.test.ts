import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { neon, neonConfig } from '@neondatabase/serverless'
import { Kafka, logLevel } from 'kafkajs'
import { expect, inject, onTestFinished, test } from 'vitest'
import { ANEW_IF_BUSY } from '../rig/busy.ts'
import { createDatabase, dropDatabase } from '../rig/databases.ts'
import { lock } from '../machine/lock.ts'
import type { NamedServices } from './named-services.ts'
import { query } from '../postgres/fixtures.ts'
import { startPostgres, stopOrphan } from '../postgres/server.ts'
import { startServices } from './services.ts'

const anyPorts = { postgres: 0, neonProxy: 0, kafka: 0 }

async function newFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'services-'))
  onTestFinished(async () => {
    await stopOrphan(join(folder, 'postgres'))
    await rm(folder, { recursive: true, force: true })
  })
  return folder
}

async function start(named: NamedServices) {
  const folder = await newFolder()
  const services = await startServices({ folder, named, ports: anyPorts, log: () => {} })
  onTestFinished(() => services.stop())
  return { env: services.env, made: await readdir(folder) }
}

test("a database and a broker of one's own replace the embedded ones, and the proxy stands in front of that database", async () => {
  const url = await createDatabase(inject('services').DATABASE_URL)
  onTestFinished(() => dropDatabase(url))
  const { env, made } = await start({ DATABASE_URL: url, KAFKA_BOOTSTRAP_SERVERS: 'broker:9092' })
  expect(env).toEqual({
    DATABASE_URL: url,
    NEON_PROXY_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/sql$/),
    KAFKA_BOOTSTRAP_SERVERS: 'broker:9092',
  })
  expect(made).toEqual([])
  neonConfig.fetchEndpoint = env.NEON_PROXY_URL
  expect(await neon(env.DATABASE_URL)`select current_database() as name`).toEqual([
    { name: new URL(url).pathname.slice(1) },
  ])
})

test('a broker that is busy, and answers nobody, holds up neither the proxy nor the database', async () => {
  const { env, pauseBroker, stop } = await startServices({ folder: await newFolder(), ports: anyPorts, log: () => {} })
  onTestFinished(() => stop())
  if (!pauseBroker) throw new Error('the broker is none of ours')
  pauseBroker(true)
  const admin = new Kafka({ brokers: [env.KAFKA_BOOTSTRAP_SERVERS], logLevel: logLevel.NOTHING }).admin()
  const answered = admin.connect()
  answered.catch(() => {}) // the broker ends below
  neonConfig.fetchEndpoint = env.NEON_PROXY_URL
  expect(await neon(env.DATABASE_URL)`select 1 as one`).toEqual([{ one: 1 }])
  expect(await Promise.race([answered, Promise.resolve('waits')])).toBe('waits')
})

const postgresRuns = (folder: string) => existsSync(join(folder, 'postgres/cluster/postmaster.pid'))

// A busy machine may take longer to say who has the lock.
test('Postgres ends where Kafka does not start', ANEW_IF_BUSY, async () => {
  const folder = await newFolder()
  await lock(join(folder, 'kafka'), () => 'someone else')
  const starting = startServices({ folder, ports: anyPorts, log: () => {} })
  await expect(starting).rejects.toThrow(`Kafka: ${join(folder, 'kafka')} is in use by someone else`)
  expect(postgresRuns(folder)).toBe(false)
})

test('Postgres ends where it cannot be migrated', async () => {
  const folder = await newFolder()
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 })
  await query(postgres.url, 'create table pgmigrations (strange int)')
  await postgres.stop()
  await expect(startServices({ folder, ports: anyPorts, log: () => {} })).rejects.toThrow(
    'Unable to ensure migrations table',
  )
  expect(postgresRuns(folder)).toBe(false)
})
