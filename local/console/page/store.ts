// What the page knows: the state as the console has sent it, and what somebody has chosen to see, which the address
// holds.

import type { State } from '../state.ts'

export type Live = 'connecting' | 'live' | 'reconnecting' | 'retired'
type Theme = 'system' | 'light' | 'dark'

/** What somebody has chosen. */
export type Choice = {
  /** 'topic:partition:offset' */
  record: string | null
  product: number | null
  find: string
  theme: Theme
  utc: boolean
}

export const readChoice = (address: string): Choice => {
  const asked = new URL(address).searchParams
  const product = Number(asked.get('product'))
  const theme = asked.get('theme')
  return {
    record: asked.get('record'),
    product: Number.isSafeInteger(product) && product > 0 ? product : null,
    find: asked.get('find') ?? '',
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    utc: asked.has('utc'),
  }
}

/** The address that brings somebody else to the same view. */
export function writeChoice({ record, product, find, theme, utc }: Choice): string {
  const asked = new URLSearchParams()
  if (record !== null) asked.set('record', record)
  if (product !== null) asked.set('product', String(product))
  if (find) asked.set('find', find)
  if (theme !== 'system') asked.set('theme', theme)
  if (utc) asked.set('utc', '')
  const text = asked.toString()
  return text ? `?${text}` : '/'
}

export type Store = { state: State; live: Live; paused: boolean; choice: Choice }
