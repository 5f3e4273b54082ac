// The process of a member of the app `probe`, which dies of a product that is called 'fatal' between its effect and the
// commit of its offset.

import { runMember } from './member-process.ts'
import { probe } from './probe.ts'

const FATAL = 666 // the product's id
await runMember([probe('probe')], (report) => {
  if (report.what === 'record' && report.outcome === 'done' && report.productId === FATAL)
    process.kill(process.pid, 'SIGKILL')
})
