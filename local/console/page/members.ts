// The members of a group: what each has, what it does, and what can be done with those that were started here.

import { html, nothing } from 'lit-html'
import type { Action } from '../actions.ts'
import type { GroupMember, GroupState } from '../state.ts'
import { duration, number } from './format.ts'
import type { Store } from './store.ts'

const SLOW = 500 // ms more for each record

type Tell = (action: Action, input: unknown) => void

export function memberTable({ groupId, members }: GroupState, topics: Topics, tell: Tell) {
  const working = members.some(({ partitions }) => partitions.length)
  return html`<table class="small members">
    <caption class="hidden">
      Members of ${groupId}
    </caption>
    <thead>
      <tr>
        <th scope="col">member</th>
        <th scope="col">partitions</th>
        <th scope="col">did</th>
      </tr>
    </thead>
    <tbody>
      ${members.map((member) => memberRow(member, topics, working, tell))}
    </tbody>
  </table>`
}

/** Whether a member was started here and has not ended. */
export const isRunningHere = ({ here }: GroupMember) => here !== null && !GONE.includes(here.state)

const WORDS: { [state: string]: string } = {
  starting: 'starting',
  working: 'works',
  idle: 'idle: no partition is left for it',
  rebalancing: 'joins anew',
  stopping: 'is leaving',
  stopped: 'stopped',
  killed: 'killed',
  waiting: 'crashed, starts again soon',
  failed: 'crashed for good',
}
const GONE = ['stopped', 'killed', 'failed']

function memberRow(
  { name, memberId, host, partitions, here }: GroupMember,
  topics: Topics,
  working: boolean,
  tell: Tell,
) {
  const state = here
    ? (WORDS[here.state] ?? here.state)
    : partitions.length
      ? 'works'
      : working
        ? 'idle: no partition is left for it'
        : 'waits'
  const did = here ? didText(here.counts) : host
  const ghost = here && GONE.includes(here.state) && memberId !== null
  return html`<tr class=${here && GONE.includes(here.state) ? 'gone' : ''}>
    <th scope="row">
      ${name}
      <span class="state"
        >${state}${ghost ? ', but Kafka waits for it' : ''}${here?.slow ? `, ${duration(here.slow)} slower` : ''}</span
      >
      ${here?.lastError ? html`<span class="why" title=${here.lastError}>${here.lastError}</span>` : nothing}
    </th>
    <td>${topics.map((topic) => shareOf(topic, partitions))}</td>
    <td>
      ${did}
      ${here && !GONE.includes(here.state) ? html`<div class="buttons">${controls(name, here, tell)}</div>` : nothing}
    </td>
  </tr>`
}

type Topics = Store['state']['about']['topics']

function shareOf({ name, role }: Topics[number], places: string[]) {
  const own = places
    .filter((place) => place.slice(0, place.lastIndexOf(':')) === name)
    .map((place) => place.slice(place.lastIndexOf(':') + 1))
  return own.length ? html`<span class="share" title=${name}>${role} <b>${ranges(own.map(Number))}</b></span>` : nothing
}

/** 0, 1, 2 and 5 are '0–2 5'. */
export function ranges(numbers: number[]) {
  const runs: [first: number, last: number][] = []
  for (const each of numbers.toSorted((a, b) => a - b)) {
    const run = runs.at(-1)
    if (run && each === run[1] + 1) run[1] = each
    else runs.push([each, each])
  }
  return runs.map(([first, last]) => (first === last ? first : `${first}–${last}`)).join(' ')
}

const didText = (counts: { [outcome: string]: number }) =>
  Object.entries(counts)
    .filter(([outcome, count]) => count || outcome === 'done')
    .map(([outcome, count]) => `${number(count)} ${outcome}`)
    .join(', ')

const controls = (member: string, { slow }: { slow: number }, tell: Tell) => html`
  <button
    type="button"
    class="quiet"
    @click=${() => tell('stop', { member })}
    aria-label=${`stop ${member}`}
    title="commits and leaves"
  >
    stop
  </button>
  <button
    type="button"
    class="quiet"
    @click=${() => tell('kill', { member })}
    aria-label=${`kill ${member}`}
    title="SIGKILL, as if its power were cut"
  >
    kill
  </button>
  <button
    type="button"
    class="quiet"
    aria-pressed=${slow ? 'true' : 'false'}
    aria-label=${`slow down ${member}`}
    title=${`${duration(SLOW)} more for each record`}
    @click=${() => tell('slow', { member, ms: slow ? 0 : SLOW })}
  >
    slow
  </button>
`
