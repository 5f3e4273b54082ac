// Everything here can be had without this page: each view gives itself as a command, and as data.

import { html } from 'lit-html'

/** `json` is the path of what the view shows, or its part of the state. */
export const command = (lines: string, json = '/api/state') => html`
  <div class="drawers">
    <details class="command">
      <summary>as a command</summary>
      <pre tabindex="0"><code>${lines}</code></pre>
      <button type="button" class="quiet" @click=${() => void navigator.clipboard?.writeText(lines)}>copy</button>
    </details>
    <a class="json" href=${json} target="_blank">as JSON</a>
  </div>
`

/** A word that a shell takes as one word, whatever is in it. */
export const quoted = (text: string) => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
