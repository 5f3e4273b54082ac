// The right end: groups, their members, and how far each has come.

import { html, nothing, svg } from 'lit-html'
import type { Action } from '../actions.ts'
import type { GroupState } from '../state.ts'
import { act } from './act.ts'
import { badge } from './badge.ts'
import { command, quoted } from './command.ts'
import { duration, number, plural } from './format.ts'
import { memberTable } from './members.ts'
import { mover, replayed } from './mover.ts'
import type { Doing } from './producer.ts'
import { term } from './terms.ts'
import type { Store } from './store.ts'

/** What came of the last button of a group, where that is not seen anyway. */
const said = new Map<string, { ok: boolean; text: string }>()

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
      ${
        kafka.paused || kafka.trouble
          ? html`<p class="note">Kafka does not answer. What it said last is below; nobody works until it is back.</p>`
          : nothing
      }
      ${state.groups.map((group) => groupView(group, state, doing))}
      ${kafka.broker?.groupsLeftOut ? html`<p class="hint">${number(kafka.broker.groupsLeftOut)} other groups are not shown.</p>` : nothing}
      ${command(`npm run consumers -- stock --count 2\nkafka-consumer-groups.sh --bootstrap-server ${about.kafka} --describe --group stock`, '/api/state/groups')}
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

function groupView(group: GroupState, { about, replays }: Store['state'], doing: Doing) {
  const { groupId, kind, members, lag, behindMs, trend } = group
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
      ${saidOf(groupId)}
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
          ? memberTable(group, about.topics, (action, input) => void tell(groupId, action, input, doing))
          : html`<p class="hint">
              No member
              runs${group.partitions.some(({ committed }) => committed !== null) ? html`: what it has ${term('commit', 'committed')} is kept, and its lag grows` : ''}.
            </p>`
      }
      ${saidOf(groupId)} ${replays.filter((replay) => replay.groupId === groupId).map(replayed)}
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
            ? html`<button type="button" @click=${() => sendAgain(groupId, doing)}>send its dead letters again</button>`
            : nothing
        }
      </div>
      ${group.partitions.length ? html`<div class="drawers">${offsets(group, about.kafka)}${mover(group, doing)}</div>` : nothing}
    </article>
  `
}

const generationOf = ({ members }: GroupState) => {
  const generations = members.flatMap(({ here }) => here?.generation ?? [])
  return generations.length ? html`, ${term('generation')} ${Math.max(...generations)}` : nothing
}

const offsets = ({ groupId, partitions }: GroupState, kafka: string) => html`
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
    ${command(`kafka-consumer-groups.sh --bootstrap-server ${kafka} --describe --group ${quoted(groupId)}`, '/api/state/groups')}
  </details>
`

/** The lag of the last 15 minutes. */
function spark(points: number[]) {
  const most = Math.max(1, ...points)
  const line = points
    .map((lag, i) => `${(i * 60) / Math.max(1, points.length - 1)},${(15 - (lag / most) * 14).toFixed(1)}`)
    .join(' ')
  return points.length > 1 && points.some((lag) => lag > 0)
    ? svg`<svg class="spark" viewBox="0 0 60 16" role="img" aria-label=${`lag over the last ${Math.ceil(points.length / 4)} minutes, ${most === 1 ? 'hardly any' : `up to ${most}`}`}><polyline points=${line} /></svg>`
    : nothing
}

const saidOf = (groupId: string) => {
  const { ok, text } = said.get(groupId) ?? {}
  return text === undefined ? nothing : html`<p class=${ok ? 'note good' : 'note bad'}>${text}</p>`
}

async function tell(groupId: string, name: Action, input: unknown, doing: Doing) {
  const done = await act(name, input)
  if (done.ok) said.delete(groupId)
  else said.set(groupId, { ok: false, text: done.error })
  doing.redraw()
}

async function sendAgain(groupId: string, doing: Doing) {
  const done = await act<{ letters: number }>('letters', { group: groupId })
  const text = done.ok
    ? `${plural(done.answer.letters, 'dead letter')} sent again, for ${groupId} alone: the other groups skip what is not for them.`
    : done.error
  said.set(groupId, { ok: done.ok, text })
  doing.redraw()
}
