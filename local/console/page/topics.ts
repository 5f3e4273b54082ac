// Partitions as what they are: strips to whose right end records are added, with the place of each group on them.

import { html, nothing } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { GroupState, PartitionState, State, TopicState } from '../state.ts'
import { command } from './command.ts'
import { number, plural } from './format.ts'
import type { Doing } from './producer.ts'
import { badge } from './badge.ts'
import { term } from './terms.ts'
import type { Store } from './store.ts'

let room = 700 // px for the cells of a strip

/** Whether there is more or less room for cells than was drawn for. */
export function measure(page: HTMLElement) {
  const width = page.querySelector('.cells')?.clientWidth ?? room
  const isOther = width !== room
  room = width
  return isOther
}

export function topics({ state, choice }: Store, doing: Doing) {
  const { about, kafka } = state
  const brokers = kafka.broker?.brokers ?? []
  return html`
    <section class="card wide" aria-labelledby="kafka">
      <h2 id="kafka">Kafka</h2>
      ${
        kafka.paused
          ? html`<p class="note bad">
              The broker is paused: it reads nothing and answers nothing. Products are still made; their events wait in
              the outbox.
            </p>`
          : kafka.trouble
            ? html`<p class="note bad">
                Kafka does not answer: ${kafka.trouble.error}. What is below is what was seen last. Products are still
                made; their events wait in the outbox.
              </p>`
            : nothing
      }
      ${
        kafka.broker
          ? html`<p class="hint">
              ${plural(brokers.length, '')} ${term('broker', brokers.length === 1 ? 'broker' : 'brokers')}:
              ${brokers.map(({ nodeId, host, port }) => `${nodeId} at ${host}:${port}${nodeId === kafka.broker?.controller ? ' (controller)' : ''}`).join(', ')}.
              The ${term('controller')} keeps the list.
              ${brokers.length > 1 ? html`Each partition has a ${term('leader')}, and ${term('replication')} keeps it on several.` : html`With one broker there is no ${term('replication')}.`}
              A ${term('topic')} is cut into ${term('partition', 'partitions')}; a ${term('record')} is added at the end
              of one, and its place is its ${term('offset')}.
            </p>`
          : kafka.trouble
            ? nothing
            : html`<p class="hint">Looking …</p>`
      }
      ${about.topics.map(({ name, role }) => {
        const topic = state.topics.find((each) => each.name === name)
        if (role === 'dead letters' && !topic?.partitions.some(({ high }) => high > 0)) return nothing
        return topicView(name, role, topic, state, choice.record, doing)
      })}
      <p class="hint legend">
        <span class="cell created">7</span> created <span class="cell updated">7</span> updated
        <span class="cell deleted">7</span> deleted, each with its offset.
        ${state.about.apps.map((app) => html`<span class="pair-of">${badge(app)} ${app}</span> `)} mark the record that
        each ${term('group')} reads next.
      </p>
      ${command(
        `kcat -b ${about.kafka} -C -t ${about.topics[0]?.name} -f '%p:%o %k %s\\n'\nkcat -b ${about.kafka} -L\ncurl ${location.origin}/api/state`,
        '/api/state/topics',
      )}
    </section>
  `
}

type Role = State['about']['topics'][number]['role']
const WHAT = { created: 'every creation', changed: 'every change and deletion' }

function topicView(
  name: string,
  role: Role,
  topic: TopicState | undefined,
  state: State,
  chosen: string | null,
  doing: Doing,
) {
  const total = topic?.partitions.reduce((sum, { high, low }) => sum + high - low, 0) ?? 0
  return html`
    <section class="topic" aria-label=${`topic ${name}`}>
      <h3>
        topic <code>${name}</code>
        <small
          >${role === 'dead letters' ? term('dead letter', 'dead letters') : WHAT[role]}${topic ? `, ${plural(total, 'record')}` : ''}</small
        >
      </h3>
      ${
        topic
          ? topic.partitions
              .filter(({ high }) => high > 0 || role !== 'dead letters')
              .map((partition) => strip({ topic: name, role, partition, groups: state.groups, chosen, doing }))
          : html`<p class="hint">Not there yet: it comes with the first event.</p>`
      }
    </section>
  `
}

type Strip = {
  topic: string
  role: Role
  partition: PartitionState
  groups: GroupState[]
  chosen: string | null
  doing: Doing
}

const END = 108 // px for what comes next, and the groups that are there
const OLDER = 92 // px
const DIGIT = 7 // px

/** As many records as there is room for: a group that is further behind is shown at those that are older. */
const fitting = ({ high, records }: PartitionState) => {
  const cell = Math.max(24, String(high % 10_000).length * DIGIT + 6) + 2
  return records.slice(-Math.max(1, Math.floor((room - END - OLDER) / cell)))
}

function strip({ topic, role, partition, groups, chosen, doing }: Strip) {
  const { high, low, leader, isr, replicas } = partition
  const records = fitting(partition)
  const cursors = groups.flatMap(({ groupId, kind, partitions }) => {
    const at = partitions.find((each) => each.topic === topic && each.partition === partition.partition)?.committed
    return kind === 'reader' || at === null || at === undefined ? [] : [{ groupId, at }]
  })
  const first = records[0]?.offset ?? high
  const older = cursors.filter(({ at }) => at < first)
  const ended = cursors.filter(({ at }) => at >= high)
  const id = `${topic}:${partition.partition}`
  const tabbable = records.some(({ offset }) => `${id}:${offset}` === chosen)
    ? chosen
    : `${id}:${records.at(-1)?.offset}`
  const replicated = replicas.length > 1 ? `, ${isr.length} of ${replicas.length} in sync` : ''
  return html`
    <div
      class=${high === 0 ? 'strip empty' : 'strip'}
      role="group"
      aria-label=${`Partition ${partition.partition}: offsets ${low} to ${high}, ${describeCursors(cursors, high)}`}
    >
      <span
        class="name"
        title=${leader < 0 ? 'no leader: nobody can write to it' : `led by broker ${leader}${replicated}`}
        >${leader < 0 ? '⚠ ' : ''}P${partition.partition}</span
      >
      <div class="cells" @keydown=${walk} @click=${(event: Event) => choose(event, doing)}>
        <span class="slot end">
          <span class="next" title="the next record gets this offset">${high}</span>
          <span class="cursors"
            >${ended.length > 2 && ended.length === cursors.length ? html`<span class="badge all">all ${ended.length}</span>` : ended.map(({ groupId }) => badge(groupId))}</span
          >
        </span>
        ${repeat(
          records.toReversed(),
          ({ offset }) => offset,
          ({ offset, key, type }) => {
            const place = `${id}:${offset}`
            const here = cursors.filter(({ at }) => at === offset && at < high)
            return html`<span class="slot">
              <button
                type="button"
                class=${`cell ${role === 'dead letters' ? 'dead' : kindOf(type)}`}
                tabindex=${place === tabbable ? 0 : -1}
                data-place=${place}
                aria-label=${`offset ${offset}, ${key === null ? 'no key' : `key ${key}`}, ${type || 'no type'}`}
                aria-pressed=${place === chosen ? 'true' : 'false'}
              >
                ${offset % 10_000}</button
              >${here.length ? html`<span class="cursors">${here.map(({ groupId }) => badge(groupId))}</span>` : nothing}</span
            >`
          },
        )}
        ${
          first > low || older.length
            ? html`<span class="slot older"
                ><span class="cell more" title=${`offsets ${low} to ${first - 1}`}>${number(first - low)} older</span>
                <span class="cursors">${older.map(({ groupId }) => badge(groupId))}</span></span
              >`
            : nothing
        }
      </div>
    </div>
  `
}

const KINDS = new Map([
  ['product.created', 'created'],
  ['product.updated', 'updated'],
  ['product.deleted', 'deleted'],
])
const kindOf = (type: string) => KINDS.get(type) ?? 'other'

function describeCursors(cursors: { groupId: string; at: number }[], high: number) {
  if (!cursors.length) return 'no group has committed an offset'
  const behind = cursors.filter(({ at }) => at < high)
  return behind.length
    ? behind.map(({ groupId, at }) => `${groupId} ${number(high - at)} behind`).join(', ')
    : 'every group is at its end'
}

function choose({ target }: Event, doing: Doing) {
  const place = target instanceof HTMLElement ? target.dataset.place : undefined
  if (place !== undefined) doing.choose({ record: place, product: null })
}

/** One Tab to a strip, and arrows within it: the newest is at the right, and first in the document. */
function walk(event: KeyboardEvent) {
  const step = { ArrowLeft: 1, ArrowRight: -1 }[event.key]
  if (
    !(event.currentTarget instanceof HTMLElement) ||
    (step === undefined && event.key !== 'Home' && event.key !== 'End')
  )
    return
  const cells = [...event.currentTarget.querySelectorAll<HTMLElement>('button.cell')]
  const at = cells.findIndex((cell) => cell === document.activeElement)
  const to = step === undefined ? (event.key === 'End' ? 0 : cells.length - 1) : at + step
  cells[to]?.focus()
  event.preventDefault()
}
