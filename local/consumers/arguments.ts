// What `npm run consumers` is asked for.

import { parseArgs } from 'node:util'
import { wholeNumber } from '../machine/whole-number.ts'

export const USAGE = `npm run consumers -- [APP…] [--count N] [--from-beginning | --reset]
  APP…               which of the apps, each a consumer group: all of them where none is named
  --count N          members of each group (1): they share the partitions, and one more than those idles
  --from-beginning   read all records again; what was done is not done again
  --reset            forget all that the apps have done, and read all records again`

const MOST = 20

export type Command = { apps: string[]; count: number; again: 'no' | 'from-beginning' | 'reset' }

/** Throws an Error that says what is wrong. */
export function parseCommand(args: string[], known: string[]): Command {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      count: { type: 'string', default: '1' },
      'from-beginning': { type: 'boolean' },
      reset: { type: 'boolean' },
    },
  })
  const stranger = positionals.find((app) => !known.includes(app))
  if (stranger !== undefined) throw new Error(`there is no app ${stranger}: there are ${known.join(', ')}`)
  const count = wholeNumber('--count', values.count, 1, MOST)
  if (values.reset && values['from-beginning']) throw new Error('--reset reads from the beginning anyway')
  const again = values.reset ? 'reset' : values['from-beginning'] ? 'from-beginning' : 'no'
  return { apps: positionals.length ? [...new Set(positionals)] : known, count, again }
}
