import { HANDLERS } from '../../lib/handlers.ts'

const split = process.env.SPLIT === 'true'

/**
 * The Workers that make the whole API, the one with the address first: one Worker, or as SPLIT=true has it the gateway
 * and the functions.
 */
export const WHOLE_API = split ? ['gateway', ...HANDLERS.map(({ name }) => name)] : ['']

/** The Worker of these that has the timer, by its name; undefined is the first. */
export const TIMER = split ? 'relay-events' : undefined
