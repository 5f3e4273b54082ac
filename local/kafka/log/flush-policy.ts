// When the disk has to have what was written. As Kafka, a broker leaves that to the operating system: a process that is
// killed loses nothing by it, a power cut may. flush.messages and flush.ms of a topic say more.

type Flush = { config: (name: string) => string; now: () => void; later: () => void }

const MAX_TIMER = 2 ** 31 // ms: a longer one would be over at once

export function flushPolicy({ config, now, later }: Flush) {
  let records = 0 // since the last flush
  let timer: NodeJS.Timeout | undefined

  return {
    wrote(count: number) {
      records += count
      const interval = Number(config('flush.ms'))
      if (records >= Number(config('flush.messages'))) {
        now()
        records = 0
      } else if (interval < MAX_TIMER)
        timer ??= setTimeout(() => {
          timer = undefined
          records = 0
          later()
        }, interval).unref()
    },
    close: () => clearTimeout(timer),
  }
}
