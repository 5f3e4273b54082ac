// A Worker in a process of its own, on workerd: one argument, the options as JSON. Says its address, and ends when it
// is killed.

import { dirname, join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import * as z from 'zod'

const Options = z.object({
  scriptPath: z.string(),
  texts: z.array(z.string()), // beside the script
  compatibilityDate: z.string(),
  compatibilityFlags: z.array(z.string()),
  bindings: z.record(z.string(), z.string()),
  alarms: z.string().optional(), // the folder in which the relay's alarm outlives this process, or else there is none
})
const { texts, alarms, ...options } = Options.parse(JSON.parse(process.argv[2] ?? ''))
const folder = dirname(options.scriptPath)
const worker = new Miniflare(
  convertV4MiniflareOptions({
    ...options,
    modules: [
      { type: 'ESModule', path: options.scriptPath },
      ...texts.map((name) => ({ type: 'Text' as const, path: join(folder, name) })),
    ],
    ...(alarms !== undefined && {
      durableObjects: { OUTBOX_ALARM: { className: 'OutboxAlarm', useSQLite: true } },
      resourcePersistencePath: alarms,
    }),
    unsafeTriggerHandlers: true,
    modulesRoot: folder,
    host: '127.0.0.1',
    port: 0,
  }),
)
console.log((await worker.ready).href)
