import { expect, test } from 'vitest'
import { parseArguments } from './arguments.ts'

test.each([
  [[], { environment: '', split: false, into: undefined, args: [] }],
  [['-e', 'health'], { environment: 'health', split: false, into: undefined, args: [] }],
  [['-ehealth'], { environment: 'health', split: false, into: undefined, args: [] }],
  [['--env=health', '--into=shop'], { environment: 'health', split: false, into: 'shop', args: [] }],
  [
    ['--log-level', 'debug', '--split', '--into', 'shop', '--live-reload'],
    { split: true, into: 'shop', args: ['--log-level', 'debug', '--live-reload'] },
  ],
  [['--consumers', '--apache-kafka', '--live-reload'], { consumers: true, apacheKafka: true, args: ['--live-reload'] }],
])('%j', (args, parsed) => {
  expect(parseArguments(args, {})).toMatchObject(parsed)
})

test.each([
  [['-e'], {}, '--env takes a name'],
  [['--into'], {}, '--into takes a name'],
  [['--split', '-e', 'health'], {}, '--split runs every function, and -e health that one alone: say one of them'],
  [
    ['-e', 'health'],
    { CLOUDFLARE_ENV: 'gateway' },
    'CLOUDFLARE_ENV=gateway is set, and chooses nothing here: unset it',
  ],
  [
    ['--apache-kafka'],
    { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:9' },
    '--apache-kafka starts a broker, and KAFKA_BOOTSTRAP_SERVERS names others: say one of them',
  ],
])('%j with %j is refused', (args, shell, reason) => {
  expect(() => parseArguments(args, shell)).toThrow(reason)
})
