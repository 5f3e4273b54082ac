import { availableParallelism, loadavg } from 'node:os'

const isBusy = (loadavg()[0] ?? 0) > 2 * availableParallelism()

/**
 * For tests whose promise is bound to the real clock, as that a broker which has not let us in within 4 s is given up:
 * on a machine that has far more to do than it can, any process may stand still for as long, and then a test is tried
 * anew. Where that is not so when the file of tests begins, each has one try.
 */
export const ANEW_IF_BUSY = { retry: isBusy ? 2 : 0 }
