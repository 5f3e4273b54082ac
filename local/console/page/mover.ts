// Moves a group, after it has been shown what that means.

import { html, nothing } from 'lit-html'
import type { Moved } from '../move.ts'
import type { GroupState } from '../state.ts'
import { act } from './act.ts'
import { plural } from './format.ts'
import type { Doing } from './producer.ts'

type Shown = { input: unknown; moved: Moved | null; error: string | null }
const shown = new Map<string, Shown>()

const WAYS = [
  { label: 'to the oldest record', input: { to: 'earliest' } },
  { label: '100 back', input: { to: 'back', records: 100 } },
  { label: 'to the end', input: { to: 'latest' } },
]

export function mover({ groupId }: GroupState, doing: Doing) {
  const now = shown.get(groupId)
  return html`
    <details>
      <summary>move the group</summary>
      <div class="buttons">
        ${WAYS.map(({ label, input }) => html`<button type="button" class="quiet" @click=${() => move(groupId, input, false, doing)}>${label}</button>`)}
      </div>
      ${now?.error ? html`<p class="note bad">${now.error}</p>` : nothing}
      ${
        now?.moved
          ? html`<p class="note">
              ${now.moved.done ? 'Moved' : 'That would mean'}: ${plural(now.moved.again, 'record')} seen
              again${now.moved.skipped ? html`, <strong>${plural(now.moved.skipped, 'record')} never seen</strong>` : nothing}.
              ${
                now.moved.done
                  ? 'Start a member, and watch: what it has done before it counts as duplicate, and does not do again.'
                  : html`<button type="button" @click=${() => move(groupId, now.input, true, doing)}>
                      really move ${groupId}
                    </button>`
              }
            </p>`
          : nothing
      }
    </details>
  `
}

async function move(group: string, input: unknown, really: boolean, doing: Doing) {
  const done = await act<Moved>('move', { group, really, ...Object(input) })
  const before = shown.get(group)?.moved ?? null
  shown.set(
    group,
    done.ok ? { input, moved: done.answer, error: null } : { input, moved: really ? before : null, error: done.error },
  )
  doing.redraw()
}
