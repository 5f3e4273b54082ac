// What a connection is: versions, requests in a row, and what ends it.

import { errorName } from '../error-names.ts'
import { check } from '../check.ts'
import { orClosed } from '../connection.ts'
import * as acls from '../../protocol/acls.ts'
import * as committedOffsets from '../../protocol/committed-offsets.ts'
import * as configs from '../../protocol/configs.ts'
import * as consumerGroups from '../../protocol/consumer-groups.ts'
import * as groups from '../../protocol/groups.ts'
import * as leaders from '../../protocol/leaders.ts'
import { ApiVersions, DescribeCluster, DescribeLogDirs, Metadata } from '../../protocol/metadata.ts'
import * as records from '../../protocol/records.ts'
import * as topics from '../../protocol/topics.ts'
import * as transactions from '../../protocol/transactions.ts'
import { Reader } from '../../protocol/reader.ts'

const LAYOUTS = [
  ...[acls, committedOffsets, configs, consumerGroups, groups, leaders, records, topics, transactions].flatMap((all) =>
    Object.values(all),
  ),
  ApiVersions,
  DescribeCluster,
  DescribeLogDirs,
  Metadata,
]
const CLIENT = { client: 'conformance', clientVersion: '1.0' }

/** A frame of a request that is as long as it says, or as long as `length` says. */
const frame = (body: Buffer, length = body.length) => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(length)
  return Buffer.concat([size, body])
}
/** The header of a request without tags: kind, version, correlation id, no name of a client. */
const header = (key: number, version: number) => {
  const bytes = Buffer.alloc(10)
  bytes.writeInt16BE(key)
  bytes.writeInt16BE(version, 2)
  bytes.writeInt16BE(-1, 8)
  return bytes
}
const METADATA = 3
const bytes = (...all: number[]) => Buffer.from(all)

const CUT_OFF: [string, Buffer][] = [
  ['a kind of request that nobody knows', frame(header(999, 0))],
  ['a version of Metadata that is yet to come', frame(Buffer.concat([header(METADATA, 99), bytes(0, 0, 0, 0)]))],
  ['a version below the first', frame(Buffer.concat([header(METADATA, -1), bytes(0, 0, 0, 0)]))],
  ['a request of a negative length', frame(bytes(), -5)],
  ['a request over socket.request.max.bytes', frame(bytes(), 104_857_601)],
  ['a body that ends early', frame(Buffer.concat([header(METADATA, 1), bytes(0, 0, 0, 1, 0, 9, 97)]))],
  ['an array longer than its request', frame(Buffer.concat([header(METADATA, 1), bytes(0x7f, 0xff, 0xff, 0xff)]))],
  ['null for a name that must be', frame(Buffer.concat([header(METADATA, 1), bytes(0, 0, 0, 1, 0xff, 0xff)]))],
  ['another protocol altogether', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
]

export const wireChecks = [
  ...[0, 1, 2, 3, 4].map((version) =>
    check(
      `ApiVersions ${version} tells what is spoken`,
      async (kafka) => {
        const answer = await kafka.any.ask(ApiVersions, CLIENT, version).catch(() => undefined)
        const listed = answer && new Set(answer.apis.map(({ key }) => key))
        return [answer && errorName(answer.error), [0, 1, 3, 18].every((key) => listed?.has(key))]
      },
      ['NONE', true],
    ),
  ),
  check(
    'all that our layouts know is spoken, in these versions',
    async (kafka) => {
      const { apis } = await kafka.any.ask(ApiVersions, CLIENT, 3)
      return LAYOUTS.flatMap((layout) => {
        if (!('key' in layout)) return []
        const spoken = apis.find(({ key }) => key === layout.key)
        return spoken && spoken.min <= layout.min && spoken.max >= layout.max ? [] : [layout.key]
      })
    },
    [],
  ),
  check(
    'Produce is spoken from version 0, for librdkafka',
    async (kafka) => {
      const { apis } = await kafka.any.ask(ApiVersions, CLIENT, 3)
      return apis.find(({ key }) => key === 0)?.min
    },
    0,
  ),
  check(
    'ApiVersions of a later Kafka is answered in version 0, with what there is',
    async (kafka) => {
      const answer = await kafka.any.askRaw({ key: 18, version: 99, flexible: true }, Buffer.alloc(0))
      const reader = new Reader(answer, 0, false)
      reader.take(4)
      const { error, apis } = ApiVersions.response.read(reader)
      return [errorName(error), apis.map(({ key }) => key), reader.left]
    },
    ['UNSUPPORTED_VERSION', [18], 0],
  ),
  check(
    'a client without a name for its software is refused',
    async (kafka) => {
      const answer = await kafka.any.ask(ApiVersions, { client: '', clientVersion: '' }, 3)
      return errorName(answer.error)
    },
    'INVALID_REQUEST',
  ),
  check(
    'a client whose name has a space in it is refused',
    async (kafka) => {
      const answer = await kafka.any.ask(ApiVersions, { client: 'my client', clientVersion: '1' }, 3)
      return errorName(answer.error)
    },
    'INVALID_REQUEST',
  ),
  check(
    'requests in a row are answered in their order',
    async (kafka) => {
      const answers = await Promise.all([
        kafka.any.ask(ApiVersions, CLIENT, 3),
        kafka.any.ask(Metadata, { topics: [] }, 9),
        kafka.any.ask(ApiVersions, CLIENT, 2),
      ])
      return answers.length
    },
    3,
  ),
  check(
    'a request in pieces is one',
    async (kafka) => {
      const to = await kafka.again(kafka.any)
      const whole = frame(Buffer.concat([header(METADATA, 1), bytes(0, 0, 0, 0)]))
      const next = kafka.again(kafka.any)
      for (const byte of whole) to.write(bytes(byte))
      to.write(frame(header(999, 0)))
      await next
      return to.closed
    },
    'connection closed',
  ),
  check(
    'what follows the body of a request is left aside',
    async (kafka) => {
      const to = await kafka.again(kafka.any)
      const answer = await orClosed(
        to.askRaw({ key: METADATA, version: 1, flexible: false }, bytes(0, 0, 0, 0, 1, 2, 3)),
      )
      return typeof answer === 'string' ? answer : 'answered'
    },
    'answered',
  ),
  ...CUT_OFF.map(([what, sent]) =>
    check(
      `${what} ends the connection, and no other`,
      async (kafka) => {
        const to = await kafka.again(kafka.any)
        to.write(sent)
        const ended = await to.closed
        return [ended, errorName((await kafka.any.ask(ApiVersions, CLIENT, 3)).error)]
      },
      ['connection closed', 'NONE'],
    ),
  ),
]
