// What an operator reads.

import { plain } from '../machine/plain.ts'
import type { Dropped } from './change.ts'
import { type Listed, MOST_COUNTED, type Status } from './look.ts'

/** What a verb came to. */
export type Answer =
  | ({ verb: 'status'; database: string } & Status)
  | ({ verb: 'list' } & Listed)
  | { verb: 'redrive'; dry_run: boolean; redriven: number }
  | { verb: 'release'; dry_run: boolean; released: string[] }
  | ({ verb: 'drop'; dry_run: boolean } & Dropped)

const SOON = 'The relay publishes within a minute.' // its alarm is set for all that is held
const LATER = 'The next change publishes them, or the relay within the hour.' // nobody has set its alarm

export function format(answer: Answer): string {
  switch (answer.verb) {
    case 'status':
      return formatStatus(answer)
    case 'list':
      return formatList(answer)
    case 'redrive':
      return answer.dry_run
        ? `Would put back ${events(answer.redriven)}.`
        : `Put back ${events(answer.redriven)}. ${answer.redriven ? `${LATER} What is still too large will be dead again.` : ''}`.trim()
    case 'release': {
      const targets = answer.released.map(plain).join(', ')
      return answer.dry_run ? `Would try at once: ${targets}.` : `To be tried at once: ${targets}. ${SOON}`
    }
    case 'drop': {
      const what = dropped(answer)
      return answer.dry_run ? `Would drop ${what}.` : `Dropped ${what}.${answer.publishing ? ` ${PUBLISHING}` : ''}`
    }
  }
}

const PUBLISHING = 'A publisher is at work: what it had read already may still reach Kafka.'

/** What is asked before events are dropped. */
export function dropQuestion(count: Dropped, database: string) {
  const them = count.pending + count.dead === 1 ? 'it' : 'them'
  const warning = count.publishing ? `${PUBLISHING}\n` : ''
  return `${warning}Drop ${dropped(count)} of ${database} for good? Consumers will never see ${them}.`
}

const dropped = ({ pending, dead }: Dropped) =>
  pending && dead
    ? `${number(pending)} pending and ${events(dead, 'dead')}`
    : pending
      ? events(pending, 'pending')
      : events(dead, 'dead')

function formatStatus({
  database,
  pending,
  oldest_age_seconds,
  dead,
  lease,
  failures,
  last_error,
  ...rest
}: Status & { database: string }) {
  const { backoff_until, backoff_seconds, held, more_held } = rest
  const lines = [
    ['Database', database],
    [
      'Pending',
      counted(pending) + (oldest_age_seconds === null ? '' : `, the oldest for ${duration(oldest_age_seconds)}`),
    ],
    ['Dead', counted(dead)],
    [
      'Lease',
      `${lease.expires_at ? `held ${until(lease.expires_at, lease.expires_in_seconds)}` : 'free'}, token ${lease.token}`,
    ],
    ['Failures', failures ? `${number(failures)} in a row to reach Kafka` : 'none'],
    ...(last_error === null ? [] : [['Last error', plain(last_error)]]),
    ['Backoff', backoff_until ? `nobody tries Kafka ${until(backoff_until, backoff_seconds)}` : 'none'],
    ['Held back', held.length ? '' : 'nothing'],
  ]
  const rows = held.map(({ target, events, failures, retry_in_seconds, last_error }) => [
    `  ${plain(target)}`,
    counted(events),
    `${number(failures)} ${failures === 1 ? 'failure' : 'failures'}`,
    retry_in_seconds > 0 ? `next try in ${duration(retry_in_seconds)}` : 'next try now',
    plain(last_error),
  ])
  return [table(lines), ...(held.length ? [table(rows)] : []), ...(more_held ? ['  and more'] : [])].join('\n')
}

function formatList(listed: Listed) {
  if (!listed.events.length) return listed.dead ? 'No event is dead.' : 'No event waits.'
  const rows = listed.dead
    ? [
        ['EVENT ID', 'TYPE', 'KEY', 'AGE', 'DIED AT', 'ERROR'],
        ...listed.events.map((event) => [...common(event), event.died_at.toISOString(), plain(event.error)]),
      ]
    : [
        ['EVENT ID', 'TYPE', 'KEY', 'AGE', 'HELD FOR'],
        ...listed.events.map((event) => [...common(event), event.held_for === null ? '-' : plain(event.held_for)]),
      ]
  return table(rows) + (listed.more ? `\nThere are more: --limit shows more than ${number(listed.events.length)}.` : '')
}

const common = ({
  event_id,
  type,
  key,
  age_seconds,
}: {
  event_id: string
  type: string
  key: string
  age_seconds: number
}) => [event_id, plain(type), plain(key), duration(age_seconds)]

/** Columns side by side, the last as wide as it likes. */
function table(rows: string[][]) {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const number = (n: number) => n.toLocaleString('en')
const events = (n: number, kind = '') => `${number(n)} ${kind && `${kind} `}${n === 1 ? 'event' : 'events'}`
const counted = (n: number) => (n >= MOST_COUNTED ? `${number(n)} events or more` : events(n))
const until = (moment: Date, seconds: number | null) =>
  `until ${moment.toISOString()} (${duration(seconds ?? 0)} from now)`

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const

/** In its largest unit, rounded down. */
export function duration(seconds: number) {
  const [unit, size] = UNITS.find(([, least]) => seconds >= least) ?? ['s', 1]
  return `${Math.max(0, Math.floor(seconds / size))} ${unit}`
}
