// Moves a group, after it has been shown what that means; and what it sees again after that.

import { html, nothing } from 'lit-html'
import type { Moved } from '../move.ts'
import type { Replay } from '../replays.ts'
import type { GroupState } from '../state.ts'
import { act } from './act.ts'
import { number, plural } from './format.ts'
import { isRunningHere } from './members.ts'
import type { Doing } from './producer.ts'

type Shown = { input: unknown; moved: Moved | null; error: string | null }
const shown = new Map<string, Shown>()
let back = '100'

const TEN_MINUTES = 600_000 // ms

export function mover(group: GroupState, doing: Doing) {
  const { groupId } = group
  const now = shown.get(groupId)
  const ask = (input: unknown) => void move(groupId, input, false, doing)
  return html`
    <details>
      <summary>move the group</summary>
      <div class="buttons">
        <button type="button" class="quiet" @click=${() => ask({ to: 'earliest' })}>to the oldest record</button>
        <button type="button" class="quiet" @click=${() => ask({ to: 'back', records: Number(back) })}>back by</button>
        <input
          class="few"
          inputmode="numeric"
          aria-label="records of each partition"
          .value=${back}
          @input=${({ target }: InputEvent) => target instanceof HTMLInputElement && (back = target.value)}
        />
        <span class="hint">each</span>
        <button type="button" class="quiet" @click=${() => ask({ to: 'time', at: Date.now() - TEN_MINUTES })}>
          10 minutes back
        </button>
        <button type="button" class="quiet" @click=${() => ask({ to: 'latest' })}>to the end</button>
      </div>
      ${now?.error ? html`<p class="note bad">${now.error}</p>` : nothing}
      ${now?.moved ? html`<div class="note">${plan(now.moved, now.input, group, doing)}</div>` : nothing}
    </details>
  `
}

function plan({ done, again, skipped }: Moved, input: unknown, group: GroupState, doing: Doing) {
  const { groupId, kind } = group
  const running = group.members.filter(isRunningHere)
  const what = html`${plural(again, 'record')} to be seen
  again${skipped ? html`, <strong>${plural(skipped, 'record')} never to be seen</strong>` : nothing}`
  if (done)
    return html`<p>Moved: ${what}.</p>
      ${
        running.length || kind !== 'app'
          ? nothing
          : html`<button type="button" @click=${() => start(groupId, doing)}>start a member</button>`
      }`
  return html`<p>That would mean: ${what}.</p>
    ${
      running.length
        ? html`<p>While members run they would commit over it.</p>
            <button type="button" @click=${() => stopAll(groupId, running, doing)}>
              stop ${plural(running.length, 'member')} first
            </button>`
        : html`<button type="button" @click=${() => move(groupId, input, true, doing)}>really move ${groupId}</button>`
    }`
}

/** What came of it, as long as the group was moved nowhere else. */
export const replayed = ({ expected, seen, done, doneAgain }: Replay) => html`
  <p class=${doneAgain ? 'note bad' : seen >= expected ? 'note good' : 'note'}>
    Moved back by ${plural(expected, 'record')}:
    <strong>${number(seen)} seen again, ${number(doneAgain)} done again</strong>${
      done ? html`, ${number(done)} done for the first time, as they had been skipped` : nothing
    }.
    ${seen < expected ? (seen ? `${number(expected - seen)} to go.` : 'A member that starts sees them.') : nothing}
  </p>
`

async function move(group: string, input: unknown, really: boolean, doing: Doing) {
  const done = await act<Moved>('move', { group, really, ...Object(input) })
  const before = shown.get(group)?.moved ?? null
  shown.set(
    group,
    done.ok ? { input, moved: done.answer, error: null } : { input, moved: really ? before : null, error: done.error },
  )
  doing.redraw()
}

async function stopAll(groupId: string, members: { name: string }[], doing: Doing) {
  const answers = await Promise.all(members.map(({ name }) => act('stop', { member: name })))
  const refused = answers.find(({ ok }) => !ok)
  say(groupId, refused && !refused.ok ? refused.error : null, doing)
}

async function start(groupId: string, doing: Doing) {
  const done = await act('start', { app: groupId })
  say(groupId, done.ok ? null : done.error, doing)
}

function say(groupId: string, error: string | null, doing: Doing) {
  const before = shown.get(groupId)
  if (before) shown.set(groupId, { ...before, error })
  doing.redraw()
}
