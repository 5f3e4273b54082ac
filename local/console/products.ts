// Products are made as any client makes them: by the API.

import * as z from 'zod'
import { errorMessage } from '../machine/error-message.ts'

/** As the form has it: what is wrong with it is for the API to say. */
export const NewProduct = z.object({
  name: z.string().max(300),
  price: z.string().max(30),
  quantity: z.number().nullable(),
})
export type NewProduct = z.infer<typeof NewProduct>

const Created = z.object({ id: z.number() })
const Problem = z.object({
  title: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string().optional(), detail: z.string() })).optional(),
})

const ANSWER_MS = 10_000

/** A product that was sent from this page. */
export type RequestView = { at: number; ms: number; status: number; productId: number | null; problem: string | null }

/** What the API answered to a change, in its own words where it refused. */
export type Answer = RequestView & { errors: { pointer: string; detail: string }[] }

/** Where the API is, how to use it, and what to do where it does not answer. */
export type Api = { url: string; token?: string | undefined; noAnswer?: string }

/** A request to the API. Never throws: status 0 is an API that has not answered. */
export async function callApi(
  { url, token, noAnswer }: Api,
  call: { method: string; path: string; body?: unknown },
): Promise<Answer> {
  const at = Date.now()
  const started = performance.now()
  const ended = (rest: Partial<Answer> & { status: number }): Answer => ({
    at,
    ms: performance.now() - started,
    productId: null,
    problem: null,
    errors: [],
    ...rest,
  })
  try {
    const response = await fetch(new URL(call.path, url), {
      method: call.method,
      headers: {
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    const body: unknown = response.headers.get('content-type')?.includes('json') ? await response.json() : null
    if (response.ok) return ended({ status: response.status, productId: Created.safeParse(body).data?.id ?? null })
    const problem = Problem.safeParse(body).data
    const errors = (problem?.errors ?? []).map(({ pointer = '', detail }) => ({ pointer, detail }))
    return ended({
      status: response.status,
      problem: problem?.detail ?? problem?.title ?? 'The API gave no reason',
      errors,
    })
  } catch (error) {
    const reason = `The API at ${url} does not answer: ${errorMessage(error)}`
    return ended({ status: 0, problem: noAnswer ? `${reason}. ${noAnswer}` : reason })
  }
}

const KINDS = [
  'Kettle',
  'Lamp',
  'Chair',
  'Notebook',
  'Bicycle',
  'Teapot',
  'Backpack',
  'Clock',
  'Radio',
  'Ladder',
  'Mirror',
  'Compass',
]
const LOOKS = [
  'Red',
  'Green',
  'Small',
  'Silent',
  'Folding',
  'Round',
  'Oak',
  'Copper',
  'Winter',
  'Twin',
  'Garden',
  'Paper',
]

/** Something to sell. */
export function inventProduct(random: () => number = Math.random): NewProduct {
  const pick = (words: string[]) => words[Math.floor(random() * words.length)] ?? ''
  return {
    name: `${pick(LOOKS)} ${pick(KINDS).toLowerCase()}`,
    price: (1 + random() * 199).toFixed(2),
    quantity: Math.floor(random() * 100),
  }
}
