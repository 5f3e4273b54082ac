import { appendFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { expect, onTestFinished, test } from 'vitest'
import { lastingPort } from '../machine/ports.ts'
import {
  connectProducer,
  produce,
  read,
  runMain,
  startBrokerProcess,
  subscribe,
  temporaryFolder,
  until,
} from './fixtures.ts'
import { openRaw } from './raw-requests.ts'
import { portOf } from '../machine/port-of.ts'

test('every acknowledged record survives kill -9', async () => {
  const folder = await temporaryFolder()
  const before = await startBrokerProcess(folder)
  const producer = await connectProducer(before.client, { retries: 0 })
  const acknowledged: string[] = []
  const producing = Promise.allSettled(
    Array.from({ length: 4 }, async (_, n) => {
      for (let i = 0; ; i++) {
        const value = `${n}-${i}`
        await producer.send({ topic: 'orders', acks: -1, messages: [{ value }] })
        acknowledged.push(value)
      }
    }),
  )
  await until(() => acknowledged.length >= 200)
  await before.kill()
  await producing

  const after = await startBrokerProcess(folder)
  const found = await read(after.client, 'orders', acknowledged.length)
  expect(acknowledged.filter((value) => !found.includes(value))).toEqual([])
})

test('a torn tail costs only itself: what is acknowledged after it survives the next kill', async () => {
  const folder = await temporaryFolder()
  const first = await startBrokerProcess(folder)
  await produce(first.client, 'orders', { value: 'before', partition: 0 })
  await first.kill()
  const file = join('orders-0', '00000000000000000000.log')
  appendFileSync(join(folder, file), Buffer.alloc(40, 1))

  const second = await startBrokerProcess(folder)
  expect(second.output.join('\n')).toContain(`${join(folder, file)}: the last 40 bytes`)
  await produce(second.client, 'orders', { value: 'after', partition: 0 })
  await second.kill()

  const third = await startBrokerProcess(folder)
  expect(await read(third.client, 'orders', 2)).toEqual(['before', 'after'])
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends it cleanly, though clients wait in a group and for records',
  async (signal) => {
    const { child, client, exited } = await startBrokerProcess(await temporaryFolder())
    await produce(client, 'orders', 'one')
    const { received } = await subscribe(client, {
      topic: 'orders',
      groupId: 'readers',
      maxWaitTimeInMs: 60_000,
      retry: { retries: 0 },
    })
    await until(() => received.length)
    child.kill(signal)
    expect(await exited).toEqual({ code: 0, signal: null })
  },
)

test('clients are told the advertised host, wherever it listens', async () => {
  const main = runMain(['--port', '0', '--host', '127.0.0.1', '--advertised-host', 'localhost'])
  const address = await until(() => main.output.join('\n').match(/listens on (localhost:\d+),/)?.[1])
  const cluster = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin()
  await cluster.connect()
  onTestFinished(() => cluster.disconnect())
  expect((await cluster.describeCluster()).brokers).toEqual([
    { nodeId: 0, host: 'localhost', port: Number(address.split(':')[1]) },
  ])
})

test.each([
  [['--host', '0.0.0.0'], 'kafka: --advertised-host is missing: clients cannot be told 0.0.0.0'],
  [['--host', 'a b'], 'kafka: --host is a host name or an IPv4 address'],
  [['--port', 'kafka'], 'kafka: --port is a whole number from 0 to 65535'],
  [['--port', '65536'], 'kafka: --port is a whole number from 0 to 65535'],
  [['--nodes', '0'], 'kafka: --nodes is a whole number from 1 to 100'],
  [['--port', '65534', '--nodes', '3'], 'kafka: --port and --nodes need ports beyond 65535'],
  [['--partitions', '0'], 'kafka: --partitions is a whole number from 1 to 10000'],
  [['--data', ''], 'kafka: --data is a path'],
  [['--port', '0', '--data', '/dev/null'], 'kafka: --data /dev/null is no folder'],
  [['--port', '0', '--host', '192.0.2.1'], 'kafka: --host 192.0.2.1 is no address of this machine'],
  [['--port', '0', '--host', 'nowhere.invalid'], 'kafka: --host nowhere.invalid is no address of this machine'],
  [['--colour'], "kafka: Unknown option '--colour'"],
])('%j is answered with one line', async (args, message) => {
  const { exited, output } = runMain(args)
  expect(await exited).toEqual({ code: 1, signal: null })
  await until(() => output.length)
  expect(output).toEqual([message])
})

test('a taken port is answered with one line', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const port = String(portOf(server))
  const { exited, output } = runMain(['--port', port])
  expect(await exited).toEqual({ code: 1, signal: null })
  await until(() => output.length)
  expect(output).toEqual([`kafka: port ${port} is taken`])
})

test('several nodes are one cluster on consecutive ports, which a signal ends', async () => {
  const port = await lastingPort()
  const { child, exited, output } = runMain(['--port', `${port}`, '--nodes', '3'])
  const brokers = [0, 1, 2].map((node) => `127.0.0.1:${port + node}`)
  await until(() => output.length)
  expect(output[0]).toBe(`Kafka listens on ${brokers.join(',')}, records in memory`)
  for (const broker of brokers)
    expect((await (await openRaw(broker)).metadata('orders')).partitions.map(({ leader }) => leader)).toEqual([0, 1, 2])
  child.kill('SIGTERM')
  expect(await exited).toEqual({ code: 0, signal: null })
})

test('it says what it is not, and who reaches it where that is not this machine alone', async () => {
  const main = runMain(['--port', '0'])
  await until(() => main.output.some((line) => line.includes('Ctrl-C ends it')))
  expect(main.output.join(' ')).toContain('It is not Apache Kafka')
  expect(main.output.join(' ')).not.toContain('Whoever reaches this machine')
  const open = runMain(['--port', '0', '--host', '0.0.0.0', '--advertised-host', 'localhost'])
  await until(() => open.output.some((line) => line.startsWith('Whoever reaches this machine')))
})

test('a folder that another process uses is refused', async () => {
  const folder = await temporaryFolder()
  const { child } = await startBrokerProcess(folder)
  const { exited, output } = runMain(['--port', '0', '--data', folder], folder)
  expect(await exited).toEqual({ code: 1, signal: null })
  await until(() => output.length)
  expect(output).toEqual([`kafka: ${folder} is in use by process ${child.pid}`])
})
