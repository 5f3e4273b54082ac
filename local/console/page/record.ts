// One record with everything in it, and why it is where it is.

import { html, nothing } from 'lit-html'
import type { Content, RecordDetail } from '../record.ts'
import { ask } from './act.ts'
import { command } from './command.ts'
import { ago, bytes, duration, moment } from './format.ts'
import { murmur2, positive } from './murmur2.ts'
import { type Doing, productButton } from './producer.ts'
import { term } from './terms.ts'
import type { Store } from './store.ts'

type Loaded = { place: string; detail?: RecordDetail | undefined; error?: string }
let loaded: Loaded | undefined
let tried: string | undefined

export function record({ state, choice }: Store, doing: Doing) {
  const { record: place } = choice
  if (place === null) return nothing
  if (loaded?.place !== place) void load(place, doing)
  const detail = loaded?.place === place ? loaded.detail : undefined
  if (!detail)
    return html`<p class="hint">${loaded?.place === place && loaded.error ? loaded.error : 'Reading it …'}</p>`
  const partitions = state.topics.find(({ name }) => name === detail.topic)?.partitions.length ?? 0
  const key = detail.key.kind === 'text' ? detail.key.text : ''
  return html`
    <dl class="facts tall">
      <div>
        <dt>${term('topic')}</dt>
        <dd><code>${detail.topic}</code></dd>
      </div>
      <div>
        <dt>${term('partition')}</dt>
        <dd>${detail.partition}${partitions ? `, of 0 to ${partitions - 1}` : ''}</dd>
      </div>
      <div>
        <dt>${term('offset')}</dt>
        <dd>${detail.offset}</dd>
      </div>
      <div>
        <dt>written</dt>
        <dd>
          ${moment(detail.timestamp, choice.utc)}
          <small>${ago(detail.timestamp, Date.now())}, by its producer's clock</small>
        </dd>
      </div>
      <div>
        <dt>read here</dt>
        <dd>
          ${
            detail.readAt === null
              ? 'it was there before this page looked'
              : html`${moment(detail.readAt, choice.utc)}
                  <small>${duration(Math.max(0, detail.readAt - detail.timestamp))} later</small>`
          }
        </dd>
      </div>
    </dl>
    <h3>${term('key', 'Key')}</h3>
    ${content(detail.key)}
    ${/^\d+$/.test(key) ? html`<p>It is the id of product ${productButton(key, doing)}.</p>` : nothing}
    <h3>Value</h3>
    ${content(detail.value, `/api/records/${place.replaceAll(':', '/')}/value`)}
    <h3>Headers</h3>
    ${
      detail.headers.length
        ? html`<table class="small">
            <caption class="hidden">
              Headers
            </caption>
            <thead>
              <tr>
                <th scope="col">name</th>
                <th scope="col">value</th>
              </tr>
            </thead>
            <tbody>
              ${detail.headers.map(
                ({ name, value }) =>
                  html`<tr>
                    <th scope="row">${name}</th>
                    <td>${content(value)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
        : html`<p class="hint">None.</p>`
    }
    ${partitions ? whyThere(detail, partitions, doing) : nothing}
    ${command(
      `kcat -b ${state.about.kafka} -C -t ${detail.topic} -p ${detail.partition} -o ${detail.offset} -c 1 -J\ncurl ${location.origin}/api/records/${place.replaceAll(':', '/')}`,
      `/api/records/${place.replaceAll(':', '/')}`,
    )}
  `
}

/** null, empty and the text "null" are three things. */
function content(value: Content, download?: string) {
  switch (value.kind) {
    case 'null':
      return html`<p class="absent">
        null: nothing at all${download ? ' (a tombstone: where a topic is compacted, it deletes its key)' : ''}
      </p>`
    case 'empty':
      return html`<p class="absent">empty: a text of no characters</p>`
    case 'text':
      return html`<pre class="value" tabindex="0">${pretty(value.text)}</pre>
        ${rest(value, download)}`
    case 'bytes':
      return html`<p class="absent">${bytes(value.size)} that are no text, in hex:</p>
        <pre class="value" tabindex="0">${value.hex}</pre>
        ${rest(value, download)}`
  }
}

const rest = ({ size, whole }: { size: number; whole: boolean }, download: string | undefined) =>
  whole
    ? nothing
    : html`<p class="hint">
        The beginning of ${bytes(size)}.
        ${download ? html`<a href=${download} download>Download all of it</a>` : nothing}
      </p>`

/** JSON with its parts on lines of their own; what is none stays as it is. */
function pretty(text: string) {
  if (text.length > 20_000 || !/^[[{]/.test(text)) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

const hex = (hash: number) => `0x${(hash >>> 0).toString(16).padStart(8, '0')}`

/** The hash of its key, or of another. */
function whyThere(detail: RecordDetail, partitions: number, doing: Doing) {
  if (detail.key.kind === 'null')
    return html`<h3>Why partition ${detail.partition}</h3>
      <p>It has no key: its producer chose any partition.</p>`
  const own = Uint8Array.from(detail.keyBytes)
  const key = tried === undefined ? own : new TextEncoder().encode(tried)
  const { hash, steps } = murmur2(key)
  const partition = positive(hash) % partitions
  return html`
    <h3>Why partition ${detail.partition}</h3>
    <label
      >Key
      <input
        .value=${tried ?? new TextDecoder().decode(own)}
        @input=${(event: InputEvent) => tryKey(event, doing)}
        autocomplete="off"
        aria-describedby="why"
    /></label>
    <ol class="steps" id="why">
      <li>
        ${term('murmur2')} of ${bytes(key.length)}:
        <code
          >${[...key.subarray(0, 32)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}${key.length > 32 ? ' …' : ''}</code
        >
        <ol>
          ${steps.slice(0, 20).map((step) => html`<li>${step.what}${step.bytes.length ? ` (${step.bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')})` : ''} → <code>${hex(step.hash)}</code></li>`)}
        </ol>
      </li>
      <li>without its sign: <code>${hex(hash)} &amp; 0x7fffffff = ${positive(hash)}</code></li>
      <li>
        for ${partitions} partitions: <code>${positive(hash)} % ${partitions} = <strong>${partition}</strong></code>
      </li>
    </ol>
    ${
      tried === undefined && partition !== detail.partition
        ? html`<p class="note">
            It lies in ${detail.partition}: its producer chose the partition itself, or the topic had another number of
            partitions then.
          </p>`
        : nothing
    }
  `
}

function tryKey(event: InputEvent, doing: Doing) {
  if (event.target instanceof HTMLInputElement) tried = event.target.value
  doing.redraw()
}

async function load(place: string, doing: Doing) {
  loaded = { place }
  tried = undefined
  try {
    const detail = await ask<RecordDetail>(`/api/records/${place.split(':').map(encodeURIComponent).join('/')}`)
    if (loaded.place === place)
      loaded = {
        place,
        detail,
        ...(!detail && { error: 'This record is not there, or no more: Kafka keeps records for a time only.' }),
      }
  } catch (error) {
    if (loaded.place === place) loaded = { place, error: error instanceof Error ? error.message : String(error) }
  }
  doing.redraw()
}
