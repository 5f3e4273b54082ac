// Entity tags (RFC 9110, section 8.8.3): the version of a product, in quotes.

export const etag = (version: number) => `"${version}"`

/** The versions that an If-Match header allows; undefined where any will do. A tag that is not ours, or is weak, matches none. */
export function parseIfMatch(header: string | undefined): number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  return tags(header).flatMap((tag) => (/^"[1-9]\d{0,8}"$/.test(tag) ? [Number(tag.slice(1, -1))] : []))
}

/** Whether an If-None-Match header names this version: weakly compared, as that header wants it. */
export function noneMatch(header: string | undefined, version: number) {
  if (header === undefined) return true
  return header.trim() !== '*' && !tags(header).some((tag) => tag.replace(/^W\//, '') === etag(version))
}

const tags = (header: string) => header.split(',').map((tag) => tag.trim())
