// Starts and ends the members of the groups, a process each: so one can be killed as a machine would be that loses its
// power. One that ends by itself is started again, a little later each time.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { HOPELESS, memberArguments } from './member-process.ts'
import { afterReport, newMember } from './members.ts'
import {
  type Member,
  type MemberReport,
  Order,
  type ProcessReport,
  Report,
  type State,
  type Supervisor,
} from './reports.ts'

const PROGRAM = join(import.meta.dirname, 'member.ts')
const STOP_MS = 9_000 // a member that has not ended by then is killed
const FIRST_RESTART = 1_000
const LAST_RESTART = 30_000
const HEALTHY = 60_000 // ms after which a crash counts as the first again

type Options = {
  /** What leads the members to Postgres and Kafka, beside our own environment. */
  env?: NodeJS.ProcessEnv
  /** The apps that there are. */
  apps: string[]
  /** The group of an app. */
  groupOf?: (app: string) => string
  /** What runs one member: see `memberArguments`. */
  program?: string
  /** How long `close` lets members leave before they are killed. */
  stopMs?: number
}

type Running = { child: ChildProcess; exited: Promise<unknown>; since: number; by: 'stop' | 'kill' | 'itself' }
type Slot = { member: Member; running?: Running | undefined; timer?: NodeJS.Timeout | undefined; crashes: number }

/** Starts nothing yet. */
export function startSupervisor({
  env = {},
  apps,
  groupOf = (app) => app,
  program = PROGRAM,
  stopMs = STOP_MS,
}: Options): Supervisor {
  const slots = new Map<string, Slot>()
  const listeners = new Set<(report: MemberReport) => void>()
  let closed = false

  function tell(slot: Slot, report: Report | ProcessReport) {
    const told: MemberReport = { app: slot.member.app, member: slot.member.name, ...report }
    slot.member = afterReport(slot.member, told)
    return () => {
      for (const listener of listeners) listener(told)
    }
  }
  const settle = (slot: Slot, state: State) => (slot.member = { ...slot.member, state })

  function launch(slot: Slot) {
    const { app, name, groupId } = slot.member
    const child = fork(program, memberArguments({ app, name, groupId }), {
      env: { ...process.env, ...env },
      execArgv: ['--disable-warning=TimeoutNegativeWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const running: Running = { child, exited: once(child, 'close'), since: Date.now(), by: 'itself' }
    slot.running = running
    child.on('error', () => {}) // an order to one that has just ended
    child.on('message', (message) => {
      const { data } = Report.safeParse(message)
      if (data) tell(slot, data)()
    })
    child.on('close', (code: number | null, signal: string | null) => ended(slot, running, code, signal))
    tell(slot, { what: 'started', at: running.since, pid: child.pid ?? 0 })()
    if (slot.member.slow) order(slot, { order: 'slow', ms: slot.member.slow })
  }

  function ended(slot: Slot, { child, by, since }: Running, code: number | null, signal: string | null) {
    slot.running = undefined
    const say = tell(slot, { what: 'ended', at: Date.now(), pid: child.pid ?? 0, by, code, signal })
    const wanted =
      by === 'kill' ? 'killed' : by === 'stop' || code === 0 ? 'stopped' : code === HOPELESS ? 'failed' : undefined
    settle(slot, wanted ?? 'waiting')
    say()
    if (wanted || closed) return
    slot.crashes = Date.now() - since > HEALTHY ? 1 : slot.crashes + 1
    const ms = Math.min(FIRST_RESTART * 2 ** (slot.crashes - 1), LAST_RESTART)
    slot.timer = setTimeout(() => launch(slot), ms)
    tell(slot, { what: 'waiting', at: Date.now(), ms, restarts: slot.member.restarts + 1 })()
  }

  const order = ({ running }: Slot, order: Order) => running?.child.connected && running.child.send(order)

  const slotOf = (name: string) => {
    const slot = slots.get(name)
    if (!slot) throw new Error(`there is no member ${name}`)
    return slot
  }

  /** It is not started again. */
  async function end(slot: Slot, by: 'stop' | 'kill', ms: number) {
    clearTimeout(slot.timer)
    const { running } = slot
    if (!running) {
      if (slot.member.state === 'waiting') settle(slot, by === 'kill' ? 'killed' : 'stopped')
      return
    }
    running.by = by
    if (by === 'stop') {
      settle(slot, 'stopping')
      order(slot, { order: 'stop' })
    } else running.child.kill('SIGKILL')
    const timer = setTimeout(() => running.child.kill('SIGKILL'), ms)
    await running.exited
    clearTimeout(timer)
  }

  return {
    members: () => [...slots.values()].map(({ member }) => member),

    start(app) {
      if (closed) throw new Error('the supervisor is closed')
      if (!apps.includes(app)) throw new Error(`there is no app ${app}: there are ${apps.join(', ')}`)
      let number = 1
      for (; isAlive(slots.get(`${app}-${number}`)); number++);
      const name = `${app}-${number}`
      const slot = slots.get(name) ?? { member: newMember(app, name, groupOf(app)), crashes: 0 }
      slots.set(name, slot)
      launch(slot)
      return slot.member
    },

    stop: (name) => end(slotOf(name), 'stop', STOP_MS),
    kill: (name) => end(slotOf(name), 'kill', STOP_MS),

    slow(name, ms) {
      const slot = slotOf(name)
      const checked = Order.parse({ order: 'slow', ms })
      slot.member = { ...slot.member, slow: ms }
      order(slot, checked)
    },

    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    async close() {
      closed = true
      await Promise.all([...slots.values()].map((slot) => end(slot, 'stop', stopMs)))
    },
  }
}

const isAlive = (slot: Slot | undefined) =>
  slot !== undefined && (slot.running !== undefined || slot.member.state === 'waiting')
