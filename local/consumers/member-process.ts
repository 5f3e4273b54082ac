// The process of one member: it does what its parent orders, and tells it what happens.

import * as z from 'zod'
import { ConfigError, parseConfig, PublisherConfig } from '../../lib/config.ts'
import { askThisMachineDirectly } from '../machine/direct.ts'
import { errorMessage } from '../machine/error-message.ts'
import type { App } from './app.ts'
import { startMember } from './consume.ts'
import { Order, type Report } from './reports.ts'

const STOP_MS = 8_000 // until a member that cannot leave is cut off: about a session
/** The code of a process that would end so again, however often it is started. */
export const HOPELESS = 3

const Arguments = z.object({ app: z.string(), name: z.string(), groupId: z.string() })
export const memberArguments = (member: z.infer<typeof Arguments>) => [JSON.stringify(member)]

/**
 * Runs until it is stopped, or has crashed: then the process ends. `watch` is told what is reported, at that moment.
 */
export async function runMember(apps: App[], watch: (report: Report) => void = () => {}) {
  askThisMachineDirectly()

  let sent = Promise.resolve()
  const report = (report: Report) => {
    watch(report)
    if (process.connected) sent = new Promise((resolve) => process.send?.(report, () => resolve()))
  }
  const stopping = new AbortController()
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
  const end = () => {
    if (stopping.signal.aborted) return
    stopping.abort()
    setTimeout(() => process.exit(1), STOP_MS).unref()
    stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
  process.on('disconnect', end)

  try {
    const { app: appName, name, groupId } = Arguments.parse(JSON.parse(process.argv[2] ?? ''))
    const app = apps.find((each) => each.name === appName)
    if (!app) throw new ConfigError(`there is no app ${appName}`)
    const config = parseConfig(PublisherConfig, process.env)
    let slow: ((ms: number) => void) | undefined
    let ordered = 0
    process.on('message', (message) => {
      const order = Order.parse(message)
      if (order.order === 'stop') end()
      else if (slow) slow(order.ms)
      else ordered = order.ms
    })
    const member = await startMember({ app, name, groupId, config, env: process.env, report })
    slow = member.slow
    if (ordered) slow(ordered)
    const error = await Promise.race([stopped, member.crashed])
    await member.stop()
    if (error) process.exitCode = isHopeless(error) ? HOPELESS : 1
  } catch (error) {
    report({ what: 'crashed', at: Date.now(), reason: errorMessage(error), restart: false })
    process.exitCode = stopping.signal.aborted ? 0 : isHopeless(error) ? HOPELESS : 1
  }
  await sent // the channel keeps the order: then all is
  process.off('disconnect', end)
  if (process.connected) process.disconnect()
  setTimeout(() => process.exit(), STOP_MS).unref() // should anything hold the process
}

/** A wrong setting, or a compression that KafkaJS cannot undo. What the network or a database throws passes. */
const isHopeless = (error: unknown) =>
  error instanceof Error && ['ConfigError', 'KafkaJSNotImplemented'].includes(error.name)
