import { type Call, load } from './load.ts'
import { usage } from './processes.ts'
import type { Stack } from './stack.ts'

const STEP = 20_000 // requests
const SLICE = 1 // s
const MIB = 2 ** 20

/** So many requests, and after each 20,000 the memory of workerd and of the proxy. */
export async function soak({ api, pids }: Stack, call: Call, total: number) {
  let done = 0
  for (let next = 0; ;) {
    if (done >= next) {
      const [workerd, proxy] = await Promise.all([usage(api.pid), usage(pids.proxy)])
      console.log(
        `${String(done).padStart(7)} requests: workerd ${(workerd.resident / MIB).toFixed(0)} MiB, proxy ${(proxy.resident / MIB).toFixed(0)} MiB`,
      )
      next += STEP
    }
    if (done >= total) return
    done += (await load(api.url, call, 32, SLICE)).count
  }
}
