import { html } from 'lit-html'

const COLOURS = ['stock', 'search-index', 'price-watch', 'audit-log', 'webhook']

/** A group in two letters. Its colour is never the only sign. */
export const badge = (groupId: string) => {
  const place = COLOURS.indexOf(groupId)
  return html`<span class=${`badge g${place < 0 ? 'x' : place}`} title=${groupId}>${groupId.slice(0, 2)}</span>`
}
