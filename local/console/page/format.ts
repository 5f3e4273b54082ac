// Times and numbers, spelled one way everywhere.

export const number = (value: number) => value.toLocaleString('en')

export const plural = (count: number, one: string, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`

/** A time that something took. */
export function duration(ms: number) {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`
  return ms < 86_400_000 ? `${Math.floor(ms / 3_600_000)} h` : `${Math.floor(ms / 86_400_000)} d`
}

export const bytes = (size: number) =>
  size < 1_024
    ? plural(size, 'byte')
    : size < 1_048_576
      ? `${(size / 1_024).toFixed(1)} KiB`
      : `${(size / 1_048_576).toFixed(1)} MiB`

const two = (value: number, width = 2) => String(value).padStart(width, '0')

/** The time of day, with ms. */
export function clockTime(at: number, utc: boolean) {
  const date = new Date(at)
  return utc
    ? `${date.toISOString().slice(11, 23)}Z`
    : `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`
}

/** Date and time, with ms. */
export function moment(at: number, utc: boolean) {
  const date = new Date(at)
  if (utc) return date.toISOString()
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockTime(at, utc)}`
}

export const ago = (at: number, now: number) => (now - at < 1_000 ? 'just now' : `${duration(now - at)} ago`)
