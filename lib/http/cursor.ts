// A cursor stands for the last id of a page. It is opaque: clients give back what they got, and nothing else is
// accepted.

const PREFIX = 'id:'

export const encodeCursor = (id: number) => btoa(`${PREFIX}${id}`).replaceAll('=', '')

/** The id in a cursor, or undefined where it is not one of ours. */
export function decodeCursor(cursor: string): number | undefined {
  const id = Number(decode(cursor)?.slice(PREFIX.length))
  return Number.isSafeInteger(id) && id > 0 && encodeCursor(id) === cursor ? id : undefined
}

function decode(text: string) {
  try {
    return atob(text)
  } catch {
    return undefined
  }
}
