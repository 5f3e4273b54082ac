// The right end: groups, their members, and how far each has come.

import { html, nothing, svg } from 'lit-html'
import type { GroupMember, GroupState } from '../state.ts'
import { act } from './act.ts'
import { badge } from './badge.ts'
import { command, quoted } from './command.ts'
import { duration, number, plural } from './format.ts'
import { mover } from './mover.ts'
import type { Doing } from './producer.ts'
import { term } from './terms.ts'
import type { Store } from './store.ts'

const refused = new Map<string, string>()
const SLOW = 500 // ms more for each record

export function groups({ state }: Store, doing: Doing) {
  const { about, kafka } = state
  const none = state.groups.every(({ kind, members }) => kind !== 'app' || !members.length)
  return html`
    <section class="card" aria-labelledby="groups">
      <h2 id="groups">Consumer groups</h2>
      <p class="hint">
        Each ${term('group')} gets every record; within it the ${term('consumer', 'consumers')} share the partitions.
      </p>
      ${
        none && about.canRun === true
          ? html`<p class="note">
              No consumer runs.
              <button type="button" class="main" @click=${() => startAll(about.apps, doing)}>
                start all ${about.apps.length}
              </button>
            </p>`
          : nothing
      }
      ${state.groups.map((group) => groupView(group, state, doing))}
      ${kafka.broker?.groupsLeftOut ? html`<p class="hint">${number(kafka.broker.groupsLeftOut)} other groups are not shown.</p>` : nothing}
      ${command(`npm run consumers -- stock --count 2\nkafka-consumer-groups.sh --bootstrap-server ${about.kafka} --describe --group stock`)}
    </section>
  `
}

async function startAll(apps: string[], doing: Doing) {
  for (const app of apps) await tell(app, 'start', { app }, doing)
}

const WHAT = new Map([
  ['stock', 'units and value on hand'],
  ['search-index', 'finds products by words'],
  ['price-watch', 'tells of prices that cross a line'],
  ['audit-log', 'a line for each record'],
  ['webhook', 'tells another server, signed'],
])

function groupView(group: GroupState, { about }: Store['state'], doing: Doing) {
  const { groupId, kind, members, lag, behindMs, trend } = group
  const working = members.some(({ partitions }) => partitions.length)
  if (kind === 'reader')
    return html`<p class="hint reader">
      ${badge(groupId)} <code>${groupId}</code> is this page: Kafka's records are read in a group here. It commits
      nothing, and goes with the last page.
    </p>`
  if (!members.length && !group.state && kind === 'app')
    return html`<article class="group resting" aria-label=${`group ${groupId}`}>
      <h3>${badge(groupId)} ${groupId} <small>${WHAT.get(groupId)}</small></h3>
      ${
        about.canRun === true
          ? html`<button
              type="button"
              class="quiet"
              aria-label=${`start ${groupId}`}
              @click=${() => tell(groupId, 'start', { app: groupId }, doing)}
            >
              start
            </button>`
          : html`<span class="hint">does not run</span>`
      }
      ${refused.has(groupId) ? html`<p class="note bad">${refused.get(groupId)}</p>` : nothing}
    </article>`
  return html`
    <article class="group" aria-label=${`group ${groupId}`}>
      <h3>${badge(groupId)} ${groupId} <small>${kind === 'app' ? WHAT.get(groupId) : 'started elsewhere'}</small></h3>
      <p class="lag">
        <span>${group.state || 'not in Kafka yet'}${generationOf(group)}</span>
        <span class=${lag ? 'behind' : ''}>
          ${term('lag')} <strong>${lag === null ? 'not known yet' : number(lag)}</strong>
          ${lag ? html`<span title=${trend} aria-label=${trend}>${trend === 'growing' ? '↗' : trend === 'shrinking' ? '↘' : '→'}</span>` : nothing}
          ${lag && behindMs !== null ? html`${duration(behindMs)} behind` : nothing}
        </span>
        ${spark(group.history)}
      </p>
      ${
        members.length
          ? html`<table class="small members">
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
                ${members.map((member) => memberRow(member, groupId, about.topics, working, doing))}
              </tbody>
            </table>`
          : html`<p class="hint">
              No member
              runs${group.partitions.some(({ committed }) => committed !== null) ? ': what it has committed is kept, and its lag grows' : ''}.
            </p>`
      }
      ${refused.has(groupId) ? html`<p class="note bad">${refused.get(groupId)}</p>` : nothing}
      <div class="buttons">
        ${
          kind === 'app' && about.canRun === true
            ? html`<button type="button" @click=${() => tell(groupId, 'start', { app: groupId }, doing)}>
                ${members.length ? 'add a member' : 'start'}
              </button>`
            : nothing
        }
        ${
          members.some(({ here }) => here?.counts.dead)
            ? html`<button type="button" @click=${() => tell(groupId, 'letters', { group: groupId }, doing)}>
                send its dead letters again
              </button>`
            : nothing
        }
      </div>
      ${group.partitions.length ? html`${offsets(group)}${mover(group, doing)}` : nothing}
    </article>
  `
}

const generationOf = ({ members }: GroupState) => {
  const generations = members.flatMap(({ here }) => here?.generation ?? [])
  return generations.length ? html`, ${term('generation')} ${Math.max(...generations)}` : nothing
}

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
  groupId: string,
  topics: Topics,
  working: boolean,
  doing: Doing,
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
      ${here && !GONE.includes(here.state) ? html`<div class="buttons">${controls(name, groupId, here, doing)}</div>` : nothing}
    </td>
  </tr>`
}

type Topics = Store['state']['about']['topics']

function shareOf({ name, role }: Topics[number], places: string[]) {
  const own = places
    .filter((place) => place.slice(0, place.lastIndexOf(':')) === name)
    .map((place) => place.slice(place.lastIndexOf(':') + 1))
  return own.length ? html`<span class="share" title=${name}>${role} <b>${own.join(' ')}</b></span>` : nothing
}

const didText = (counts: { [outcome: string]: number }) =>
  Object.entries(counts)
    .filter(([outcome, count]) => count || outcome === 'done')
    .map(([outcome, count]) => `${number(count)} ${outcome}`)
    .join(', ')

const controls = (member: string, groupId: string, { slow }: { slow: number }, doing: Doing) => html`
  <button
    type="button"
    class="quiet"
    @click=${() => tell(groupId, 'stop', { member }, doing)}
    aria-label=${`stop ${member}`}
    title="commits and leaves"
  >
    stop
  </button>
  <button
    type="button"
    class="quiet"
    @click=${() => tell(groupId, 'kill', { member }, doing)}
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
    @click=${() => tell(groupId, 'slow', { member, ms: slow ? 0 : SLOW }, doing)}
  >
    slow
  </button>
`

const offsets = ({ groupId, partitions }: GroupState) => html`
  <details>
    <summary>offsets of ${plural(partitions.length, 'partition')}</summary>
    <table class="small">
      <caption class="hidden">
        Offsets of ${groupId}
      </caption>
      <thead>
        <tr>
          <th scope="col">partition</th>
          <th scope="col" class="number">committed</th>
          <th scope="col" class="number">end</th>
          <th scope="col" class="number">lag</th>
          <th scope="col">read by</th>
        </tr>
      </thead>
      <tbody>
        ${partitions.map(
          ({ topic, partition, committed, end, lag, owner }) =>
            html`<tr>
              <td class="clip">${topic}:${partition}</td>
              <td class="number">${committed ?? 'nothing yet'}</td>
              <td class="number">${end}</td>
              <td class="number">${lag ?? '?'}</td>
              <td>${owner ?? 'nobody'}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${command(`kafka-consumer-groups.sh --bootstrap-server localhost:9092 --describe --group ${quoted(groupId)}`)}
  </details>
`

/** The lag of the last 15 minutes. */
function spark(points: number[]) {
  const most = Math.max(1, ...points)
  const line = points
    .map((lag, i) => `${(i * 60) / Math.max(1, points.length - 1)},${(15 - (lag / most) * 14).toFixed(1)}`)
    .join(' ')
  return points.length > 1
    ? svg`<svg class="spark" viewBox="0 0 60 16" role="img" aria-label=${`lag over the last ${Math.ceil(points.length / 4)} minutes, ${most === 1 ? 'hardly any' : `up to ${most}`}`}><polyline points=${line} /></svg>`
    : nothing
}

async function tell(groupId: string, name: Parameters<typeof act>[0], input: unknown, doing: Doing) {
  const done = await act(name, input)
  if (done.ok) refused.delete(groupId)
  else refused.set(groupId, done.error)
  doing.redraw()
}
