// Everything here can be had without this page: each view gives itself as a command.

import { html } from 'lit-html'

export const command = (lines: string) => html`
  <details class="command">
    <summary>as a command</summary>
    <pre tabindex="0"><code>${lines}</code></pre>
    <button type="button" class="quiet" @click=${() => void navigator.clipboard?.writeText(lines)}>copy</button>
  </details>
`

/** A word that a shell takes as one word, whatever is in it. */
export const quoted = (text: string) => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
