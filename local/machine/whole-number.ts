/**
 * A whole number in decimal digits. Throws an Error that says so of `name` where it is none, or not from `min` to
 * `max`.
 */
export function wholeNumber(name: string, text: string, min: number, max: number) {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN
  if (number >= min && number <= max) return number
  throw new Error(`${name} is a whole number from ${min} to ${max}`)
}
