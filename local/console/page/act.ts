// What the page asks the console to do.

import type { Action } from '../actions.ts'

const written = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content ?? ''
const token = written('console-token')

export const NO_ANSWER = `The console does not answer. \`${written('console-command')}\` starts it.`

export type Done<T> = { ok: true; answer: T } | { ok: false; error: string }

/** The answer, or a sentence that says why not. */
export async function act<T = unknown>(name: Action, input: unknown = {}): Promise<Done<T>> {
  try {
    const response = await fetch(`/api/actions/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'console-token': token },
      body: JSON.stringify(input),
    })
    const answer = await response.json()
    return response.ok ? { ok: true, answer } : { ok: false, error: String(answer.error) }
  } catch {
    return { ok: false, error: NO_ANSWER }
  }
}

/** undefined for what is not there. Throws with a sentence where the console does not answer. */
export async function ask<T>(path: string): Promise<T | undefined> {
  const response = await fetch(path).catch(() => {
    throw new Error(NO_ANSWER)
  })
  if (response.status === 404) return undefined
  const answer = await response.json()
  if (!response.ok) throw new Error(String(answer.error))
  return answer
}
