// The header Prefer: https://www.rfc-editor.org/rfc/rfc7240

const MAX_WAIT = 10 // s

/**
 * The seconds, up to 10, that a client will wait for the answer to be complete. Of several the first counts (section
 * 2); what cannot be understood is no preference, and never an error.
 */
export function parseWait(header = ''): number | undefined {
  const wait = preferences(header).find((preference) => /^[ \t]*wait[ \t]*(?:[=;]|$)/i.test(preference))
  const [, , seconds] = /^[^;=]*=[ \t]*("?)(\d+)\1[ \t]*(?:;|$)/.exec(wait ?? '') ?? []
  return seconds === undefined ? undefined : Math.min(Number(seconds), MAX_WAIT)
}

/** The list between its commas, of which those in quotes are none. */
const preferences = (header: string) => header.match(/(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g) ?? []
