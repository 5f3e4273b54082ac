import { usage } from './processes.ts'

/** Adds to what a load gives: the microseconds of CPU that each process took for one of its requests. */
export async function withCpu<Name extends string, T extends { count: number }>(
  pids: Record<Name, number>,
  run: () => Promise<T>,
) {
  const names = Object.keys(pids) as Name[]
  const look = () => Promise.all(names.map(async (name) => (await usage(pids[name])).cpu))
  const before = await look()
  const done = await run()
  const after = await look()
  const used = names.map((name, i) => [name, ((after[i] ?? 0) - (before[i] ?? 0)) / done.count] as const)
  return { ...done, cpu: new Map(used) }
}

/** Of all processes together. */
export const total = (cpu: Map<string, number>) => [...cpu.values()].reduce((all, used) => all + used, 0)
