// Finds products and records: by id, ce_id, place, time or text.

import { html, nothing } from 'lit-html'
import type { ProductRow } from '../database.ts'
import { ask } from './act.ts'
import { clockTime, plural } from './format.ts'
import { type Doing, productButton } from './producer.ts'
import type { Store } from './store.ts'

type Found = {
  products: ProductRow[]
  records: { topic: string; partition: number; offset: number; key: string | null; at: number }[]
}
const PAUSE = 250 // ms after the last key
let found: { text: string; answer?: Found | undefined; error?: string } | undefined
let timer: ReturnType<typeof setTimeout> | undefined

export function find({ choice }: Store, doing: Doing) {
  if (choice.find && !found) void look(choice.find, doing)
  const { answer, error } = choice.find && found ? found : {}
  return html`
    <search>
      <label
        >Find
        <input
          id="find"
          type="search"
          .value=${choice.find}
          @input=${(event: InputEvent) => type(event, doing)}
          autocomplete="off"
          placeholder="product id, ce_id, text, topic:partition:offset, 2026-11-25 10:00"
      /></label>
      ${error ? html`<p class="note bad">${error}</p>` : nothing}
      ${
        answer
          ? html`<div class="found">
              <p>
                ${plural(answer.products.length, 'product')}, ${plural(answer.records.length, 'record')} of those that
                this page has read.
              </p>
              <ul class="plain">
                ${answer.products.map(({ id, name, price }) => html`<li>${productButton(id, doing)} ${name}, ${price}</li>`)}
                ${answer.records.map(
                  ({ topic, partition, offset, key, at }) =>
                    html`<li>
                      <button
                        type="button"
                        class="link"
                        @click=${() => doing.choose({ record: `${topic}:${partition}:${offset}`, product: null })}
                      >
                        ${topic}:${partition}:${offset}
                      </button>
                      key ${key ?? 'null'}, ${clockTime(at, choice.utc)}
                    </li>`,
                )}
              </ul>
            </div>`
          : nothing
      }
    </search>
  `
}

function type(event: InputEvent, doing: Doing) {
  if (!(event.target instanceof HTMLInputElement)) return
  const text = event.target.value
  clearTimeout(timer)
  timer = setTimeout(() => {
    doing.choose({ find: text })
    void look(text, doing)
  }, PAUSE)
}

async function look(text: string, doing: Doing) {
  found = { text }
  try {
    const answer = text ? await ask<Found>(`/api/find?q=${encodeURIComponent(text)}`) : undefined
    if (found.text === text) found = { text, answer }
  } catch (error) {
    if (found.text === text) found = { text, error: error instanceof Error ? error.message : String(error) }
  }
  doing.redraw()
}
