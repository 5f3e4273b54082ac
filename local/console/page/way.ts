// The way of one product: from its request to each of the groups.

import { html, nothing } from 'lit-html'
import type { EventWay, GroupStep, Way } from '../way.ts'
import { act, ask } from './act.ts'
import { badge } from './badge.ts'
import { command } from './command.ts'
import { clockTime, duration } from './format.ts'
import type { Doing } from './producer.ts'
import { term } from './terms.ts'
import type { Store } from './store.ts'

const AGAIN = 1_000 // ms
let loaded: { id: number; way?: Way | undefined; error?: string; at: number } | undefined
let busy = false
let said: string | undefined

export function way({ state, choice, paused }: Store, doing: Doing) {
  const { product: id } = choice
  if (id === null) return nothing
  if (loaded?.id !== id || (!paused && isOpen(loaded.way) && Date.now() - loaded.at > AGAIN)) void load(id, doing)
  const found = loaded?.id === id ? loaded : undefined
  if (found?.error) return html`<p class="note bad">${found.error}</p>`
  if (!found?.way) return html`<p class="hint">Looking for it …</p>`
  const { product, events, note } = found.way
  return html`
    ${
      product
        ? html`<p>
              <strong>${product.name}</strong>, ${product.price}, ${product.quantity} on hand, version
              ${product.version}
            </p>
            <div class="buttons">
              <button type="button" @click=${() => tell('change', { id, price: otherPrice(product.price) }, doing)}>
                change its price
              </button>
              <button type="button" @click=${() => tell('remove', { id }, doing)}>delete it</button>
            </div>`
        : nothing
    }
    ${said ? html`<p class="note bad">${said}</p>` : nothing} ${note ? html`<p class="hint">${note}</p>` : nothing}
    ${events.map((event) => eventView(event, choice.utc, doing))}
    ${command(
      `curl ${state.about.api}/products/${id}\ncurl ${location.origin}/api/products/${id}/way\n# SQL: select * from products where id = ${id}; select * from outbox where key = '${id}'`,
      `/api/products/${id}/way`,
    )}
  `
}

/** Whether something of it is still to come. Groups that do not run are not waited for. */
const isOpen = (way: Way | undefined) =>
  way !== undefined &&
  (!way.events.length ||
    way.events.some(
      ({ record, groups }) => !record || groups.some(({ state }) => state === 'waiting' || state === 'retry'),
    ))

const otherPrice = (price: string) => (Math.max(0, Number(price) * (0.8 + Math.random() * 0.4)) + 0.01).toFixed(2)

function eventView({ eventId, type, at, request, outbox, record, groups }: EventWay, utc: boolean, doing: Doing) {
  const place = record && `${record.topic}:${record.partition}:${record.offset}`
  return html`
    <section class="event" aria-label=${`event ${type}`}>
      <h3>
        ${type.replace('product.', '')} <small>at ${clockTime(at, utc)}, <code>${eventId}</code></small>
      </h3>
      <ol class="way">
        <li class="done">
          <span
            ><b>request</b>
            ${request ? `answered ${request.status}` : html`<span class="hint">not sent from this page</span>`}</span
          >
          ${request ? html`<span class="ms">${duration(request.ms)}</span>` : nothing}
        </li>
        <li class="done">
          <span><b>row and event</b> committed together</span> <span class="ms">0 ms</span>
          <span class="hint">from here the time counts</span>
        </li>
        <li class=${outbox.state === 'left' ? 'done' : outbox.state === 'waiting' ? 'open' : 'failed'}>
          <span>
            <b>${term('outbox')}</b>
            ${outbox.state === 'left' ? 'left it, acknowledged by Kafka' : outbox.state === 'waiting' ? 'waits for a publisher' : outbox.reason}
          </span>
        </li>
        <li class=${record ? 'done' : 'open'}>
          <span>
            <b>Kafka</b>
            ${
              record && place
                ? html`<button
                    type="button"
                    class="link"
                    @click=${() => doing.choose({ record: place, product: null })}
                  >
                    ${record.topic} P${record.partition} offset ${record.offset}
                  </button>`
                : 'not there yet'
            }
          </span>
          ${record && record.ms !== null ? html`<span class="ms">+${duration(record.ms)}</span>` : nothing}
        </li>
        ${groups.map((step) => groupStep(step, record?.ms ?? null))}
      </ol>
    </section>
  `
}

const SAYS: { [state in GroupStep['state']]: string } = {
  waiting: 'waits',
  passed: 'is beyond it',
  done: 'done',
  duplicate: 'seen again, and not done again',
  outdated: 'left out: a newer version was there first',
  skipped: 'skipped: it was sent again for another group',
  dead: 'dead letter',
  retry: 'failed for now, and is tried again',
}

/** `since` is when the record was there: the time of the step before. */
const groupStep = (
  { groupId, state, ms, member, took, attempts, again, reason }: GroupStep,
  since: number | null,
) => html`
  <li class=${state === 'waiting' || state === 'retry' ? 'open' : state === 'dead' ? 'failed' : 'done'}>
    <span><b>${badge(groupId)} ${groupId}</b> ${SAYS[state]}${member ? ` by ${member}` : ''}</span>
    ${ms === null || since === null ? nothing : html`<span class="ms">+${duration(Math.max(0, ms - since))}</span>`}
    ${
      ms === null
        ? nothing
        : html`<span class="hint"
            >${duration(ms)} in
            all${took === null ? '' : `, ${duration(took)} of work`}${attempts && attempts > 1 ? `, attempt ${attempts}` : ''}</span
          >`
    }
    ${again ? html`<span class="hint">seen ${again} more time${again === 1 ? '' : 's'}, done 0 more</span>` : nothing}
    ${reason ? html`<span class="why">${reason}</span>` : nothing}
  </li>
`

async function load(id: number, doing: Doing) {
  if (busy) return
  busy = true
  if (loaded?.id !== id) said = undefined
  try {
    loaded = { id, way: await ask<Way>(`/api/products/${id}/way`), at: Date.now() }
  } catch (error) {
    loaded = { id, error: error instanceof Error ? error.message : String(error), at: Date.now() }
  }
  busy = false
  doing.redraw()
}

async function tell(name: Parameters<typeof act>[0], input: unknown, doing: Doing) {
  const done = await act<{ status: number; problem: string | null }>(name, input)
  said = done.ok ? (done.answer.problem ?? undefined) : done.error
  if (loaded) loaded = { ...loaded, at: 0, way: loaded.way && { ...loaded.way, events: [] } }
  doing.redraw()
}
