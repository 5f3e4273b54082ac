// Preloaded into wrangler: ends it when `npm run dev` is killed without a chance to clean up, and tells `npm run dev`
// when workerd has crashed. Wrangler also disconnects by itself, just before it ends with an exit code that we want to
// know: hence the moment that it gets.

import { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'

const MOMENT_MS = 100

process.on('disconnect', () => void setTimeout(() => process.exit(), MOMENT_MS).unref())

// https://nodejs.org/docs/latest-v24.x/api/diagnostics_channel.html#child-process
subscribe('child_process', (message) => {
  if (typeof message !== 'object' || message === null || !('process' in message)) return
  const { process: child } = message
  if (!(child instanceof ChildProcess)) return
  child.once('exit', () => {
    const crashed = !child.killed && child.spawnfile.includes('workerd')
    if (crashed && process.connected) process.send?.('workerd has crashed')
  })
})
