// What happened to the groups, newest first, and experiments that tick themselves.

import { html, nothing } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { State } from '../state.ts'
import type { Chapter } from '../story.ts'
import { act } from './act.ts'
import { badge } from './badge.ts'
import { command } from './command.ts'
import { clockTime } from './format.ts'
import { EXPERIMENTS } from './experiments.ts'
import { ranges } from './members.ts'
import type { Doing } from './producer.ts'
import { term } from './terms.ts'
import type { Store } from './store.ts'

const SHOWN = 14
type Moves = NonNullable<Chapter['moves']>
let refused: string | undefined

export function story({ state, choice }: Store) {
  const now = Date.now()
  return html`
    <section class="card" aria-labelledby="story">
      <h2 id="story">What happened</h2>
      <p class="hint">
        Members that come or go make a ${term('rebalance')}. One that dies is missed when its ${term('session')} is
        over.
      </p>
      ${
        state.story.length
          ? html`<ol class="story">
              ${repeat(
                state.story.slice(0, SHOWN),
                ({ id }) => id,
                ({ at, groupId, kind, sentence, until, generation, moves }) =>
                  html`<li class=${kind}>
                    <time>${clockTime(at, choice.utc).replace(/\.\d+/, '')}</time> ${badge(groupId)} ${sentence}
                    ${until !== undefined && until > now ? html`<strong class="countdown">${Math.ceil((until - now) / 1_000)} s left</strong>` : nothing}
                    ${generation === undefined ? nothing : html`<span class="soft">Generation ${generation}.</span>`}
                    ${moves?.some(({ from }) => from !== null) ? movesOf(moves, state.about.topics) : nothing}
                  </li>`,
              )}
            </ol>`
          : html`<p class="hint">Nothing yet. Start a consumer, or kill one.</p>`
      }
      ${command(
        `kafka-consumer-groups.sh --bootstrap-server ${state.about.kafka} --describe --group stock --members --verbose\ncurl ${location.origin}/api/state/story`,
        '/api/state/story',
      )}
    </section>
  `
}

const movesOf = (moves: Moves, topics: State['about']['topics']) => html`
  <details>
    <summary>what moved</summary>
    <ul class="plain">
      ${moves.map(
        ({ from, to, topic, partitions }) =>
          html`<li>
            ${from ?? 'nobody'} → ${to}: ${topics.find(({ name }) => name === topic)?.role ?? topic}
            <b>${ranges(partitions)}</b>
          </li>`,
      )}
    </ul>
  </details>
`

/** Whether something here changes with the time alone. */
export const isCounting = ({ state }: Store) =>
  state.story?.some(({ until }) => until !== undefined && until > Date.now())

export function experiments({ state }: Store, doing: Doing) {
  const { about, kafka } = state
  const done = EXPERIMENTS.filter(({ name }) => name in state.experiments).length
  return html`
    <section class="card" aria-labelledby="experiments">
      <h2 id="experiments">Experiments <small>${done} of ${EXPERIMENTS.length} seen</small></h2>
      <div class="buttons">
        ${
          about.canPause === true
            ? html`<button
                type="button"
                aria-pressed=${kafka.paused ? 'true' : 'false'}
                @click=${() => tell('broker', { paused: !kafka.paused }, doing)}
              >
                ${kafka.paused ? 'let the broker go on' : 'pause the broker'}
              </button>`
            : html`<p class="hint">No button pauses the broker here. ${about.canPause}</p>`
        }
        <button type="button" @click=${() => tell('poison', {}, doing)}>send a bad record</button>
      </div>
      ${refused ? html`<p class="note bad">${refused}</p>` : nothing}
      <ol class="experiments">
        ${EXPERIMENTS.map(({ name, title, todo, expect }) => {
          const seen = name in state.experiments
          return html`<li class=${seen ? 'seen' : ''}>
            <details>
              <summary>
                <span class="tick" role="img" aria-label=${seen ? 'seen' : 'not seen yet'}>${seen ? '✓' : '○'}</span>
                ${title}
              </summary>
              <p>${todo}</p>
              <p class="hint">What you will see: ${expect}</p>
            </details>
          </li>`
        })}
      </ol>
      ${command(
        `# a bad record:\necho '{' | kcat -b ${about.kafka} -P -t ${about.topics[0]?.name}\ncurl ${location.origin}/api/state/experiments`,
        '/api/state/experiments',
      )}
    </section>
  `
}

async function tell(name: Parameters<typeof act>[0], input: unknown, doing: Doing) {
  const done = await act(name, input)
  refused = done.ok ? undefined : done.error
  doing.redraw()
}
