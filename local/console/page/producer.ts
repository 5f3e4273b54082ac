// The left end: a product is sent to the API, as Postman would.

import { html, nothing } from 'lit-html'
import type { Answer } from '../products.ts'
import { act } from './act.ts'
import { command, quoted } from './command.ts'
import { duration, number } from './format.ts'
import { term } from './terms.ts'
import type { Store } from './store.ts'

let answer: { ok: boolean; text: string; product: number | null } | undefined
let perSecond = '50'
let draft = { name: 'Red bicycle', price: '199.90', quantity: '3' }

export type Doing = { redraw(): void; choose(choice: Partial<Store['choice']>): void }

export function producer({ state }: Store, doing: Doing) {
  const { about, load, requests } = state
  return html`
    <section class="card" aria-labelledby="producer">
      <h2 id="producer">Send a product</h2>
      <p class="hint">
        The API is the ${term('producer')}: it answers when the product is in Postgres, and tells Kafka after that.
      </p>
      <form @submit=${(event: SubmitEvent) => submit(event, doing)}>
        <label
          >Name <input id="name" name="name" required .value=${draft.name} @input=${keep('name')} autocomplete="off"
        /></label>
        <div class="pair">
          <label
            >Price
            <input name="price" inputmode="decimal" .value=${draft.price} @input=${keep('price')} autocomplete="off"
          /></label>
          <label
            >Quantity
            <input
              name="quantity"
              inputmode="numeric"
              .value=${draft.quantity}
              @input=${keep('quantity')}
              autocomplete="off"
          /></label>
        </div>
        <button class="main" type="submit">POST /products</button>
      </form>
      ${
        answer
          ? html`<p class=${answer.ok ? 'note good' : 'note bad'}>
              ${answer.text}
              ${
                answer.product === null
                  ? nothing
                  : html`<button
                      type="button"
                      class="link"
                      @click=${() => doing.choose({ product: answer?.product ?? null, record: null })}
                    >
                      see its way
                    </button>`
              }
            </p>`
          : nothing
      }
      <div class="buttons" role="group" aria-label="Many products">
        <button type="button" @click=${() => tell('invent', {}, doing)}>add 1</button>
        <button type="button" @click=${() => tell('add', { count: 100 }, doing)}>add 100</button>
        <span class="pair-of">
          <input
            class="few"
            inputmode="numeric"
            aria-label="products a second"
            .value=${perSecond}
            @input=${({ target }: InputEvent) => {
              if (target instanceof HTMLInputElement) perSecond = target.value
              doing.redraw()
            }}
          />
          <button
            type="button"
            aria-pressed=${load.perSecond ? 'true' : 'false'}
            @click=${() => tell('rate', { perSecond: load.perSecond ? 0 : Number(perSecond) }, doing)}
          >
            ${load.perSecond ? 'stop' : `${perSecond} a second`}
          </button>
        </span>
      </div>
      ${
        load.made || load.failed || load.perSecond
          ? html`<p class="hint">
              ${load.perSecond ? `${number(load.perSecond)} a second, ` : ''}${number(load.made)}
              made${load.waiting ? `, ${number(load.waiting)} to go` : ''}${
                load.failed
                  ? html`, <strong>${number(load.failed)} failed</strong>: ${load.problem ?? 'the last one did not'}`
                  : nothing
              }
            </p>`
          : nothing
      }
      ${
        requests.length
          ? html`<table class="small">
              <caption>
                Last answers
              </caption>
              <thead>
                <tr>
                  <th scope="col">answer</th>
                  <th scope="col">product</th>
                  <th scope="col" class="number">took</th>
                </tr>
              </thead>
              <tbody>
                ${requests.map(
                  ({ status, productId, ms, problem }) =>
                    html`<tr>
                      <td title=${problem ?? ''}>${status || 'none'}</td>
                      <td>${productId === null ? '–' : productButton(productId, doing)}</td>
                      <td class="number">${duration(ms)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>`
          : nothing
      }
      ${command(asCurl(about.api), '/api/state/requests')}
    </section>
  `
}

/** A product, to be chosen. */
export const productButton = (id: number | string, doing: Doing) =>
  html`<button type="button" class="link" @click=${() => doing.choose({ product: Number(id), record: null })}>
    #${id}
  </button>`

const keep = (field: keyof typeof draft) => (event: InputEvent) => {
  if (event.target instanceof HTMLInputElement) draft = { ...draft, [field]: event.target.value }
}

const body = () => ({ name: draft.name, price: draft.price.trim(), quantity: quantityOf(draft.quantity) })
/** What is no number is sent as null, for the API to say what is wrong with it. */
const quantityOf = (text: string) => (/^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null)

async function submit(event: SubmitEvent, doing: Doing) {
  event.preventDefault()
  const done = await act<Answer>('product', body())
  if (!done.ok) answer = { ok: false, text: done.error, product: null }
  else {
    const { status, ms, problem, errors, productId } = done.answer
    const faults = errors.map(({ pointer, detail }) => `${pointer.replace('/', '')} ${detail}`).join('; ')
    const text = status === 201 ? `201 Created in ${duration(ms)}.` : `${status || 'No answer'}: ${faults || problem}`
    answer = { ok: status === 201, text, product: productId }
  }
  doing.redraw()
}

/** Does it, and shows why not where it cannot be done. */
async function tell(name: Parameters<typeof act>[0], input: unknown, doing: Doing) {
  const done = await act(name, input)
  answer = done.ok ? undefined : { ok: false, text: done.error, product: null }
  doing.redraw()
}

const asCurl = (api: string) =>
  `curl ${api}/products -H 'content-type: application/json' -d ${quoted(JSON.stringify(body()))}`
