// The page: draws the state whenever a part of it has come, or somebody has chosen something.

import { html, nothing, render } from 'lit-html'
import type { State } from '../state.ts'
import { NO_ANSWER } from './act.ts'
import { isCounting, experiments, story } from './story.ts'
import { find } from './find.ts'
import { groups } from './groups.ts'
import { header, help } from './header.ts'
import { postgres } from './postgres.ts'
import { type Doing, producer } from './producer.ts'
import { record } from './record.ts'
import { openStream } from './stream.ts'
import { type Choice, type Live, readChoice, type Store, writeChoice } from './store.ts'
import { explanations } from './terms.ts'
import { measure, topics } from './topics.ts'
import { way } from './way.ts'

const root = document.querySelector<HTMLElement>('#page')
const spoken = document.querySelector<HTMLElement>('#spoken')
const SPOKEN_EVERY = 5_000 // ms: whoever hears the page is not to hear every record

let latest: Partial<State> = {}
let shown: Partial<State> = {}
let live: Live = 'connecting'
let paused = false
let choice = readChoice(location.href)
let asked = false
let opener: HTMLElement | null = null

/** So many records at once are not shown as they arrive one by one: it takes more time than all else. */
const MANY = 3
const CALM_AFTER = 3_000 // ms
let busyUntil = 0
const countOf = ({ topics = [] }: Partial<State>) =>
  topics.flatMap(({ partitions }) => partitions).reduce((sum, { high }) => sum + high, 0)

const isWhole = (state: Partial<State>): state is State => state.about !== undefined

function redraw() {
  if (asked) return
  asked = true
  requestAnimationFrame(() => {
    asked = false
    draw()
  })
}

function draw() {
  if (!root) return
  document.documentElement.dataset.theme = choice.theme
  if (!isWhole(shown))
    return render(
      html`<main class="first">
        <h1>Product API: console</h1>
        <p>${live === 'reconnecting' ? NO_ANSWER : 'Looking …'}</p>
      </main>`,
      root,
    )
  const store: Store = { state: shown, live, paused, choice }
  render(view(store), root)
  if (measure(root)) redraw()
}

const view = (store: Store) => html`
  ${header(store, controls)}
  <main>
    ${find(store, doing)}
    <div class=${detailOpen() ? 'columns beside' : 'columns'}>
      <div class="column">${producer(store, doing)}${postgres(store, doing)}</div>
      <div class="column">${topics(store, doing)}${story(store)}</div>
      <div class="column">${groups(store, doing)}</div>
      <div class="column last">${experiments(store, doing)}</div>
    </div>
    ${
      detailOpen()
        ? html`<aside class="detail card" tabindex="-1" aria-labelledby="detail">
            <div class="bar">
              <h2 id="detail">
                ${choice.product === null ? `Record ${choice.record}` : `The way of product ${choice.product}`}
              </h2>
              <button type="button" class="quiet" @click=${closeDetail} aria-label="close">✕</button>
            </div>
            ${choice.product === null ? record(store, doing) : way(store, doing)}
          </aside>`
        : nothing
    }
  </main>
  ${help()} ${explanations()}
`

const detailOpen = () => choice.record !== null || choice.product !== null

function choose(chosen: Partial<Choice>) {
  const wasOpen = detailOpen()
  choice = { ...choice, ...chosen }
  history.replaceState(null, '', writeChoice(choice))
  if (!wasOpen && document.activeElement instanceof HTMLElement) opener = document.activeElement
  draw()
  if (chosen.record || chosen.product) document.querySelector<HTMLElement>('.detail')?.focus()
}

/** The focus goes back to where it came from. */
function closeDetail() {
  choose({ record: null, product: null })
  const place = opener?.dataset.place
  const back = opener?.isConnected
    ? opener
    : place && document.querySelector<HTMLElement>(`[data-place="${CSS.escape(place)}"]`)
  if (back) back.focus()
}

const doing: Doing = { redraw, choose }

const controls = {
  choose,
  pause() {
    paused = !paused
    if (!paused) shown = latest
    redraw()
  },
  resume: () => stream.open(),
}

const stream = openStream({
  part(part) {
    // Another start has another token, and perhaps another page.
    if (part.about && latest.about && part.about.start !== latest.about.start) return location.reload()
    const came = countOf({ ...latest, ...part }) - countOf(latest)
    latest = { ...latest, ...part }
    const now = Date.now()
    if (came > MANY) busyUntil = now + CALM_AFTER
    document.documentElement.classList.toggle('calm', now > busyUntil)
    if (paused && isWhole(shown)) return
    shown = latest
    redraw()
  },
  live(now) {
    live = now
    redraw()
  },
})

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'Escape' && detailOpen() && !document.querySelector(':popover-open')) return closeDetail()
  const { target } = event
  if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return
  const key = { '/': '#find', n: '#name', '?': '#help' }[event.key]
  if (event.key === 'p') controls.pause()
  else if (event.key === '?') document.querySelector<HTMLElement>('#help')?.togglePopover()
  else if (key) document.querySelector<HTMLElement>(key)?.focus()
  else return
  event.preventDefault()
})

/** A countdown, an age and a way go on though nothing comes. */
setInterval(() => {
  if (document.hidden || paused || !isWhole(shown)) return
  if (detailOpen() || isCounting({ state: shown, live, paused, choice })) redraw()
}, 500)

setInterval(() => {
  if (!spoken || document.hidden || paused || !isWhole(shown)) return
  const text = shown.groups
    .filter(({ kind, members }) => kind === 'app' && members.length)
    .map(
      ({ groupId, members, lag }) =>
        `${groupId}: ${members.filter(({ memberId }) => memberId !== null).length} members, lag ${lag ?? 'unknown'}`,
    )
    .join('. ')
  if (spoken.textContent !== text) spoken.textContent = text
}, SPOKEN_EVERY)

redraw()
