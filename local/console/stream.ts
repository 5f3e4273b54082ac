// What the pages are sent: at most so many frames a second, each with the parts of the state that have changed since
// the last one that this page took. A page that is behind misses frames, not parts, so nothing piles up for it.

import type { ServerResponse } from 'node:http'

const FRAME = 250 // ms: 4 a second
const ALIVE = 15_000 // ms between two signs of life where nothing changes
/**
 * A browser opens six connections to one host, streams and requests together: the oldest stream makes way for the
 * fifth.
 */
const MOST = 4

type Page = { response: ServerResponse; sent: number; aliveAt: number }

/** `read` gives the state; `watched` is told of how many pages look. */
export function openStream<State extends object>(read: () => State, watched: (pages: number) => void) {
  const pages = new Set<Page>()
  const parts = new Map<string, { text: string; version: number }>()
  let version = 0
  let timer: NodeJS.Timeout | undefined

  function refresh() {
    for (const [name, part] of Object.entries(read())) {
      const text = JSON.stringify(part)
      if (parts.get(name)?.text !== text) parts.set(name, { text, version: ++version })
    }
  }

  function send(page: Page, now: number) {
    if (page.response.writableNeedDrain) return
    const changed = [...parts].filter(([, part]) => part.version > page.sent)
    if (!changed.length) {
      if (now < page.aliveAt + ALIVE) return
      page.aliveAt = now
      page.response.write(':\n\n')
      return
    }
    page.sent = version
    page.aliveAt = now
    page.response.write(
      `id: ${version}\ndata: {${changed.map(([name, { text }]) => `${JSON.stringify(name)}:${text}`).join()}}\n\n`,
    )
  }

  function frame() {
    refresh()
    const now = Date.now()
    for (const page of pages) send(page, now)
  }

  function remove(page: Page) {
    if (!pages.delete(page)) return
    if (!pages.size) clearInterval(timer)
    watched(pages.size)
  }

  return {
    open(response: ServerResponse) {
      const [oldest] = pages
      if (pages.size >= MOST && oldest) {
        oldest.response.end('event: retired\ndata: {}\n\n')
        remove(oldest)
      }
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' })
      response.write('retry: 1000\n\n')
      const page: Page = { response, sent: 0, aliveAt: Date.now() }
      response.on('close', () => remove(page))
      response.on('error', () => {}) // who is gone is removed when it closes
      pages.add(page)
      if (pages.size === 1) timer = setInterval(frame, FRAME)
      watched(pages.size)
      refresh()
      send(page, Date.now())
    },
    close() {
      clearInterval(timer)
      for (const { response } of pages) response.end()
      pages.clear()
    },
  }
}
export type Stream = ReturnType<typeof openStream>
