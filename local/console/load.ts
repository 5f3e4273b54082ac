// Many products: so many now, or so many each second until somebody ends it.

import type { Answer } from './products.ts'

export type LoadView = { perSecond: number; waiting: number; made: number; failed: number; problem: string | null }

export const MOST_PER_SECOND = 200
export const MOST_AT_ONCE = 1_000
const AT_A_TIME = 8 // requests
const TICK = 50 // ms

/** `post` makes one product, and never throws. */
export function openLoad(post: () => Promise<Answer>) {
  let view: LoadView = { perSecond: 0, waiting: 0, made: 0, failed: 0, problem: null }
  let underWay = 0
  let due = 0
  let timer: NodeJS.Timeout | undefined
  let last = 0

  function work() {
    while (underWay < AT_A_TIME && view.waiting > 0) {
      view = { ...view, waiting: view.waiting - 1 }
      underWay++
      void post().then((answer) => {
        underWay--
        const made = answer.status === 201
        view = {
          ...view,
          made: view.made + Number(made),
          failed: view.failed + Number(!made),
          problem: made ? null : answer.problem,
        }
        work()
      })
    }
  }

  function tick() {
    const now = performance.now()
    due += ((now - last) / 1000) * view.perSecond
    last = now
    const whole = Math.floor(due)
    due -= whole
    // What the API cannot take in a second is left out: a rate is no debt.
    view = { ...view, waiting: Math.min(view.waiting + whole, Math.max(view.waiting, view.perSecond)) }
    work()
  }

  return {
    view: () => view,
    add(count: number) {
      view = { ...view, waiting: Math.min(view.waiting + count, MOST_AT_ONCE) }
      work()
    },
    /** 0 ends it, and forgets what waits. */
    rate(perSecond: number) {
      clearInterval(timer)
      view = { ...view, perSecond, waiting: perSecond ? view.waiting : 0 }
      last = performance.now()
      due = 0
      if (perSecond) timer = setInterval(tick, TICK)
    },
    close() {
      clearInterval(timer)
      view = { ...view, perSecond: 0, waiting: 0 }
    },
  }
}
