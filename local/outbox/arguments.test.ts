import { expect, test } from 'vitest'
import { parseCommand, USAGE, UsageError, type Verb } from './arguments.ts'

const ID = '01234567-89ab-cdef-0123-456789abcdef'
const OTHER = 'ffffffff-89ab-cdef-0123-456789abcdef'

test.each<[string, Verb]>([
  ['status', { verb: 'status' }],
  ['list', { verb: 'list', dead: false, limit: 50 }],
  ['list --dead --limit 7', { verb: 'list', dead: true, limit: 7 }],
  [`redrive ${ID} ${OTHER}`, { verb: 'redrive', ids: [ID, OTHER], dryRun: false }],
  [`redrive ${ID} ${ID.toUpperCase()}`, { verb: 'redrive', ids: [ID], dryRun: false }],
  ['redrive --all --dry-run', { verb: 'redrive', ids: 'all', dryRun: true }],
  ['release products.created', { verb: 'release', target: 'products.created', dryRun: false }],
  ['--dry-run release products.created:2', { verb: 'release', target: 'products.created:2', dryRun: true }],
  [`drop ${ID}`, { verb: 'drop', ids: [ID], dryRun: false, yes: false }],
  [`drop ${ID} --yes`, { verb: 'drop', ids: [ID], dryRun: false, yes: true }],
])('%s', (line, asked) => {
  expect(parseCommand(line.split(' '))).toEqual({ asked, source: {}, json: false })
})

test.each([
  ['--database-url postgresql://u:p@h/d --json', { databaseUrl: 'postgresql://u:p@h/d' }],
  ['--secrets-file=.env.production --json', { secretsFile: '.env.production' }],
])('%s', (flags, source) => {
  expect(parseCommand(['status', ...flags.split(' ')])).toEqual({ asked: { verb: 'status' }, source, json: true })
})

test.each([
  ['', 'a verb is missing: it is one of status, list, redrive, release, drop'],
  ['retry', 'there is no verb retry: it is one of status, '],
  ['toString', 'there is no verb toString: '],
  ['status now', 'status takes no now'],
  ['status --force', "Unknown option '--force'"],
  ['status --all', 'status has no flag --all'],
  ['status --dry-run', 'status has no flag --dry-run'],
  ['list --yes', 'list has no flag --yes'],
  ['list --limit 0', '--limit is a whole number from 1 to 10000'],
  ['list --limit 1e3', '--limit is a whole number'],
  ['redrive', 'redrive needs the IDs of dead events, or --all'],
  [`redrive ${ID} --all`, 'redrive takes IDs or --all, not both'],
  ['redrive 17', 'redrive: 17 is no ID of an event, which is a UUID'],
  ['release', 'release needs one TOPIC or TOPIC:PARTITION'],
  ['release a b', 'release needs one TOPIC or TOPIC:PARTITION'],
  ['drop', 'drop needs the IDs of events'],
  ['drop --all', 'drop has no flag --all'],
  [`drop ${ID} x`, 'drop: x is no ID of an event'],
  ['status --database-url', "'--database-url <value>' argument missing"],
  ['status --database-url a --secrets-file b', '--database-url and --secrets-file name a database each'],
])('"%s" is refused by name', (line, message) => {
  const parsing = () => parseCommand(line ? line.split(' ') : [])
  expect(parsing).toThrow(UsageError)
  expect(parsing).toThrow(message)
})

test('the usage has every verb, on lines for a screen', () => {
  for (const verb of ['status', 'list', 'redrive', 'release', 'drop'])
    expect(USAGE).toMatch(new RegExp(`^  ${verb} `, 'm'))
  expect(Math.max(...USAGE.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120)
})
