// What the same client has said of two brokers, session by session.

import { diff } from 'node:util'
import type { Difference } from './differences.ts'

/** What no two runs have in common. */
const NAMES: [RegExp, string][] = [
  [/\b(127\.0\.0\.1|localhost):\d+/g, 'BROKER'],
  [/\b1[789]\d{11}\b/g, 'TIME'], // ms, of this decade and the next two
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID'],
  [/(TopicId: |ClusterId: *)[\w-]{22}/g, '$1ID'],
  [/\bconsole-consumer-\d+/g, 'console-consumer-N'],
  [/[\w/.-]+-\d+\.json/g, 'FILE'],
  // Apache Kafka counts its nodes from 1 as it is set up here, the local one from 0.
  [/\b(Leader|Replicas|Isr|LeaderId|id): \d+/g, '$1: NODE'],
  [/BROKER +\(\d+\)|(from brokers |"broker":)\d+/g, '$1NODE'],
  [/"logDir":"[^"]*"/g, '"logDir":"FOLDER"'],
  [/ {2,}/g, ' '],
]
/** Where in Java an error was thrown, and an assignment of nothing, which a member of KIP-848 may see before its own. */
const PASSED_OVER = /^\s+(at .*|\.\.\. \d+ more)$|"name":"partitions_assigned","partitions":\[\]/

/** Tools that say JSON have its keys in an order that each start of Java shuffles. */
const inOrder = (line: string) =>
  /^\{.*\}$/.test(line)
    ? line
        .slice(1, -1)
        .split(/,(?=")/)
        .toSorted()
        .join()
    : line

const shortened = (line: string) => line.replace(/(.)\1{199,}/g, '$1…') // first: 100 kB take other patterns a minute

const normal = (line: string) =>
  inOrder(NAMES.reduce((text, [pattern, name]) => text.replace(pattern, name), shortened(line))).trimEnd()

/** The lines of each session, in which those come in an order of their own that may come in any. */
export function sessions(output: string) {
  const found = new Map<string, string[]>()
  let lines: string[] = []
  for (const line of output.split('\n')) {
    if (line.startsWith('== ')) found.set(line.slice(3), (lines = []))
    else if (line.trim() && !PASSED_OVER.test(line)) lines.push(normal(line))
  }
  for (const [name, each] of found) if (name.endsWith('in any order')) each.sort()
  return found
}

const MARKS = { '1': '+', '0': ' ', '-1': '-' }

export type Row = { session: string; verdict: 'same' | 'known' | 'differs' | 'stale'; why?: string; lines: string[] }

/** `-` is a line that only the first broker has, `+` one that only the second has. */
export function compare(real: string, ours: string, differences: Difference[]): Row[] {
  const [first, second] = [sessions(real), sessions(ours)]
  return [...new Set([...first.keys(), ...second.keys()])].map((session) => {
    const known = differences.find((each) => each.session === session)
    const lines = unlike(first.get(session) ?? ['(no such session)'], second.get(session) ?? ['(no such session)'])
    if (!lines.length) return { session, verdict: known ? 'stale' : 'same', why: known?.why, lines }
    const asKnown = known && lines.every((line) => known.lines.test(line.slice(1)))
    return { session, verdict: asKnown ? 'known' : 'differs', why: known?.why, lines }
  })
}

function unlike(real: string[], ours: string[]) {
  if (!real.length && !ours.length) return [] // for which diff() throws
  return diff(ours, real)
    .map(([mark, line]) => `${MARKS[mark]}${line}`)
    .filter((line) => !line.startsWith(' '))
}
