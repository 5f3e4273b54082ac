import { readdir, readFile } from 'node:fs/promises'

const TICK = 10_000 // microseconds: USER_HZ of Linux is 100

/**
 * What a process and its descendants have used, those that have ended included: microseconds of CPU; and bytes that are
 * resident.
 */
export async function usage(pid: number) {
  let own = await family(pid)
  for (let before = new Map<number, Process>(); !haveSameKeys(before, own);) [before, own] = [own, await family(pid)] // one that ends meanwhile is in neither its own count nor its parent's
  const members = [...own.values()]
  return {
    cpu: members.reduce((sum, { ticks }) => sum + ticks, 0) * TICK,
    resident: members.reduce((sum, { pages }) => sum + pages, 0) * 4096,
  }
}

type Process = NonNullable<Awaited<ReturnType<typeof stat>>>

/** A process and its descendants, by their ids. */
async function family(pid: number) {
  const all = new Map<number, Process>()
  for (const name of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const process = await stat(name)
    if (process) all.set(Number(name), process)
  }
  const isOwn = (id = 0): boolean => id > 1 && (id === pid || isOwn(all.get(id)?.parent))
  return new Map([...all].filter(([id]) => isOwn(id)))
}

const haveSameKeys = (one: Map<number, unknown>, other: Map<number, unknown>) =>
  one.size === other.size && [...one.keys()].every((key) => other.has(key))

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
async function stat(pid: string) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '') // it may have ended
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const parent = fields[1] ?? 0
  const ticks = fields.slice(11, 15).reduce((sum, used) => sum + used, 0) // its own, and those of children that have ended: a backend, a vacuum
  return text ? { parent, ticks, pages: fields[21] ?? 0 } : undefined
}
