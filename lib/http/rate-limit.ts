// How much a caller may ask for, by the rate limits of wrangler.toml: who has a token by that, and who has none by
// address.

import { errorFields, log } from '../log.ts'
import type { AppEnv } from './env.ts'
import { problems } from './problems.ts'

type Limiter = AppEnv['Bindings']['RATE_LIMITER']

/** Entries of an import that count as one request: together they cost less than so many requests. */
const ROWS = 10

/** Throws Problem 429 where this token has asked too often. */
export async function limitToken(limiter: Limiter, hash: string, requests = 1) {
  if (!(await isWithinLimit(limiter, hash, requests))) throw problems.tooManyOfToken()
}

/** The same for what an import has, besides the request that it is. An open API has no limit. */
export async function limitRows(limiter: Limiter, caller: string, rows: number) {
  if (caller) await limitToken(limiter, caller, Math.floor((rows - 1) / ROWS))
}

/** Throws Problem 429 where this address has sent too many requests without a good token. */
export async function limitAddress(limiter: Limiter, address = '') {
  if (!(await isWithinLimit(limiter, `address ${networkOf(address)}`, 1))) throw problems.tooManyOfAddress()
}

/**
 * Of IPv6 the first 64 bits, which one subscriber has at least (RFC 6177): it could send each request from another
 * address.
 */
export function networkOf(address: string) {
  if (!address.includes(':')) return address
  const [head = [], tail = []] = address.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0')
  return [...head, ...(address.includes('::') ? zeros : []), ...tail].slice(0, 4).join(':')
}

let saidMissing = false // by this isolate

/** A limiter that is not there, or fails, limits nobody. It counts one request at a time. */
async function isWithinLimit(limiter: Limiter, key: string, requests: number) {
  if (!limiter) {
    if (!saidMissing) log('warn', 'there is no rate limit: RATE_LIMITER is not bound')
    saidMissing = true
    return true
  }
  try {
    const outcomes = await Promise.all(Array.from({ length: requests }, () => limiter.limit({ key })))
    return outcomes.every(({ success }) => success)
  } catch (error) {
    log('error', 'the rate limit cannot be told', errorFields(error))
    return true
  }
}
