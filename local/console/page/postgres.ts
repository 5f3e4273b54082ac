// The row, and the outbox behind it.

import { html, nothing } from 'lit-html'
import type { DatabaseLook } from '../database.ts'
import { act } from './act.ts'
import { command } from './command.ts'
import { duration, number, plural } from './format.ts'
import { type Doing, productButton } from './producer.ts'
import { term } from './terms.ts'
import type { Store } from './store.ts'

let refused: string | undefined

export function postgres({ state }: Store, doing: Doing) {
  const { seen, trouble } = state.postgres
  return html`
    <section class="card" aria-labelledby="postgres">
      <h2 id="postgres">Postgres</h2>
      ${trouble ? html`<p class="note bad">Postgres does not answer: ${trouble.error}. Products cannot be made until it does.</p>` : nothing}
      ${seen ? html`${products(seen, doing)}${outbox(seen, state, doing)}` : trouble ? nothing : html`<p class="hint">Looking …</p>`}
    </section>
  `
}

const products = ({ products }: Pick<DatabaseLook, 'products'>, doing: Doing) => html`
  <h3>Rows of products</h3>
  ${
    products.newest.length
      ? html`<table class="small">
          <caption class="hidden">
            The newest products
          </caption>
          <thead>
            <tr>
              <th scope="col">id</th>
              <th scope="col">name</th>
              <th scope="col" class="number">price</th>
              <th scope="col" class="number">version</th>
            </tr>
          </thead>
          <tbody>
            ${products.newest.map(
              ({ id, name, price, version }) =>
                html`<tr>
                  <td>${productButton(id, doing)}</td>
                  <td class="clip" title=${name}>${name}</td>
                  <td class="number">${price}</td>
                  <td class="number">${version}</td>
                </tr>`,
            )}
          </tbody>
        </table>`
      : html`<p class="hint">No product yet: send one.</p>`
  }
`

type Seen = Omit<DatabaseLook, 'clock'>

function outbox({ outbox, waiting, dead }: Seen, { kafka }: Store['state'], doing: Doing) {
  const { pending, oldest_age_seconds: oldest, lease, failures, last_error, backoff_seconds, held } = outbox
  return html`
    <h3>The ${term('outbox')}</h3>
    <dl class="facts">
      <div class=${pending ? 'busy' : ''}>
        <dt>waiting</dt>
        <dd>${plural(pending, 'event')}</dd>
      </div>
      <div>
        <dt>oldest</dt>
        <dd>${oldest === null ? '–' : duration(oldest * 1_000)}</dd>
      </div>
      <div>
        <dt>${term('lease')}</dt>
        <dd>${lease.held ? `held, ${duration((lease.expires_in_seconds ?? 0) * 1_000)} left` : 'free'}</dd>
      </div>
      <div class=${outbox.dead ? 'alarm' : ''}>
        <dt>dead</dt>
        <dd>${plural(outbox.dead, 'event')}</dd>
      </div>
    </dl>
    ${pending === 0 && !failures && !held.length ? html`<p class="hint">Empty: Kafka has acknowledged every event.</p>` : nothing}
    ${
      pending > 0 && (oldest ?? 0) > 2 && !lease.held && backoff_seconds === null && !held.length
        ? html`<p class="note">Nobody publishes at the moment: the next change does, or the relay within a minute.</p>`
        : nothing
    }
    ${
      failures || backoff_seconds !== null
        ? html`<p class="note bad">
            ${failures > 1 ? `${number(failures)} publishers in a row have not reached Kafka` : 'The last publisher has not reached Kafka'}:
            ${last_error ?? 'nobody said why'}.
            ${backoff_seconds === null ? nothing : html`Nobody tries for another ${duration(backoff_seconds * 1_000)}.`}
          </p>`
        : nothing
    }
    ${
      held.length
        ? html`<ul class="plain">
            ${held.map(
              ({ target, events, retry_in_seconds, last_error }) =>
                html`<li class="note bad">
                  ${target} cannot be written (${last_error}): ${plural(events, 'event')} held,
                  ${retry_in_seconds > 0 ? `next try in ${duration(retry_in_seconds * 1_000)}` : 'and the next publisher tries again'}.
                  <button type="button" class="link" @click=${() => tell('release', { target }, doing)}>try now</button>
                </li>`,
            )}
          </ul>`
        : nothing
    }
    ${
      failures || backoff_seconds !== null || held.length
        ? html`<p class="note">${kafka.paused ? 'The broker stands still. ' : ''}Nothing is lost: it waits here.</p>`
        : nothing
    }
    ${
      waiting.length
        ? html`<table class="small">
            <caption>
              The oldest that wait
            </caption>
            <thead>
              <tr>
                <th scope="col">product</th>
                <th scope="col">event</th>
                <th scope="col" class="number">age</th>
              </tr>
            </thead>
            <tbody>
              ${waiting.map(
                ({ key, type, age_seconds, held_for }) =>
                  html`<tr title=${held_for === null ? '' : `held for ${held_for}`}>
                    <td>${productButton(key, doing)}</td>
                    <td>${type.replace('product.', '')}</td>
                    <td class="number">${duration(age_seconds * 1_000)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
        : nothing
    }
    ${
      dead.length
        ? html`<table class="small">
              <caption>
                Dead: Kafka refuses them for good
              </caption>
              <thead>
                <tr>
                  <th scope="col">product</th>
                  <th scope="col">event</th>
                  <th scope="col">reason</th>
                </tr>
              </thead>
              <tbody>
                ${dead.map(
                  ({ key, type, error }) =>
                    html`<tr>
                      <td>${productButton(key, doing)}</td>
                      <td>${type.replace('product.', '')}</td>
                      <td class="clip" title=${error}>${error}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
            <button type="button" @click=${() => tell('redrive', {}, doing)}>put all dead ones back</button>`
        : nothing
    }
    ${refused ? html`<p class="note bad">${refused}</p>` : nothing}
    ${command('npm run outbox -- status\nnpm run outbox -- list --dead\n# SQL: select * from outbox order by id; select * from outbox_lease', '/api/state/postgres')}
  `
}

async function tell(name: Parameters<typeof act>[0], input: unknown, doing: Doing) {
  const done = await act(name, input)
  refused = done.ok ? undefined : done.error
  doing.redraw()
}
