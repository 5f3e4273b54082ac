// Regular expressions of clients. Kafka matches them in linear time (RE2), which those of JavaScript do not: what could
// hold up everybody is refused.

import { fail } from './errors.ts'

const MAX_LENGTH = 249 // characters, as of a topic's name
const MAX_REPETITIONS = 2

/** What tells whether the expression matches a whole text. `what` names it in the error that it may be. */
export function matcher(regex: string, what: string) {
  const repetitions = regex.match(/[*+{?]/g)?.length ?? 0
  if (/\)[*+{?]|\\[1-9k]|\(\?/.test(regex) || repetitions > MAX_REPETITIONS || regex.length > MAX_LENGTH)
    fail('INVALID_REGULAR_EXPRESSION', `${what} \`${regex}\` is more than can be matched here.`)
  try {
    const whole = new RegExp(`^(?:${regex})$`)
    return (text: string) => whole.test(text)
  } catch {
    return fail('INVALID_REGULAR_EXPRESSION', `${what} \`${regex}\` is not a valid regular expression.`)
  }
}
