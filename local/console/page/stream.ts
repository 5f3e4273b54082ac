// The one stream of this page. It ends while nobody sees the page, and begins anew with the whole state.

import type { State } from '../state.ts'
import type { Live } from './store.ts'

type Listener = { part: (part: Partial<State>) => void; live: (live: Live) => void }

export function openStream({ part, live }: Listener) {
  let source: EventSource | undefined

  function open() {
    source?.close()
    live('connecting')
    source = new EventSource('/events')
    source.addEventListener('open', () => live('live'))
    source.addEventListener('message', ({ data }) => part(JSON.parse(data)))
    source.addEventListener('error', () => live('reconnecting')) // the browser tries again by itself
    source.addEventListener('retired', () => {
      close()
      live('retired')
    })
  }
  function close() {
    source?.close()
    source = undefined
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
  if (!document.hidden) open()
  return { open }
}
