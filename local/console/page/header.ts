import { html, nothing } from 'lit-html'
import type { Choice, Live, Store } from './store.ts'

type Controls = { choose: (choice: Partial<Choice>) => void; pause: () => void; resume: () => void }

const LIVE: { [live in Live]: string } = {
  connecting: 'connecting',
  live: 'live',
  reconnecting: 'reconnecting',
  retired: 'stopped here',
}
const SIGN: { [live in Live]: string } = { connecting: '○', live: '●', reconnecting: '↻', retired: '■' }
const THEMES = ['system', 'light', 'dark'] as const

export function header({ state, live, paused, choice }: Store, controls: Controls) {
  const theme = THEMES[(THEMES.indexOf(choice.theme) + 1) % THEMES.length] ?? 'system'
  return html`
    <header>
      <h1>Product API <small>${state.about.database}, Kafka ${state.about.kafka}</small></h1>
      <p class=${`live ${paused ? 'paused' : live}`}>
        ${paused ? '❚❚ paused: the stack goes on' : `${SIGN[live]} ${LIVE[live]}`}
      </p>
      <div class="buttons">
        ${live === 'retired' ? html`<button type="button" @click=${controls.resume}>go on in this window</button>` : nothing}
        <button type="button" @click=${controls.pause} aria-pressed=${paused ? 'true' : 'false'}>
          pause <kbd>p</kbd>
        </button>
        <button
          type="button"
          class="quiet"
          @click=${() => controls.choose({ utc: !choice.utc })}
          aria-pressed=${choice.utc ? 'true' : 'false'}
        >
          UTC
        </button>
        <button
          type="button"
          class="quiet"
          @click=${() => controls.choose({ theme })}
          aria-label=${`colours: ${choice.theme}, change to ${theme}`}
        >
          ${{ system: '◐', light: '☀', dark: '☾' }[choice.theme]}
        </button>
        <button type="button" class="quiet" popovertarget="help" aria-label="help">?</button>
      </div>
    </header>
  `
}

export const help = () => html`
  <div popover id="help" class="explanation" aria-labelledby="help-title" role="dialog">
    <h2 id="help-title">Keys</h2>
    <dl class="facts">
      <div>
        <dt><kbd>n</kbd></dt>
        <dd>a new product</dd>
      </div>
      <div>
        <dt><kbd>/</kbd></dt>
        <dd>find</dd>
      </div>
      <div>
        <dt><kbd>p</kbd></dt>
        <dd>stop the picture, and let it go on: the stack runs on</dd>
      </div>
      <div>
        <dt><kbd>←</kbd> <kbd>→</kbd></dt>
        <dd>older and newer records of a partition</dd>
      </div>
      <div>
        <dt><kbd>Enter</kbd></dt>
        <dd>the record, or the product</dd>
      </div>
      <div>
        <dt><kbd>Esc</kbd></dt>
        <dd>close</dd>
      </div>
      <div>
        <dt><kbd>?</kbd></dt>
        <dd>this</dd>
      </div>
    </dl>
    <p>
      From left to right: a product is sent, becomes a row and an event in the outbox, a record in Kafka, and work in
      each group. Words with dots under them are explained when pressed.
    </p>
  </div>
`
