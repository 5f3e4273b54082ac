// Entity tags (RFC 9110, section 8.8.3): the version of a product, in quotes.

const etag = (version: number) => `"${version}"`

/**
 * Of an answer that has a version. no-transform: where Cloudflare compresses an answer it makes its ETag a weak one,
 * and it compresses none that says so. The bodies are so small that nothing is lost by that.
 * https://developers.cloudflare.com/cache/reference/etag-headers/,
 * https://developers.cloudflare.com/speed/optimization/content/compression/
 */
export const versionHeaders = (version: number, caching: 'no-store' | 'private, no-cache') => ({
  ETag: etag(version),
  'Cache-Control': `${caching}, no-transform`,
})

/**
 * The versions that an If-Match header allows; undefined where any will do. A tag that is not ours matches none.
 * RFC 9110, section 13.1.1, wants no weak one to match, as it may stand for several states. Ours never does: only what
 * is between can have made it weak, for other bytes of the same version. A client that got it so has no other.
 */
export function parseIfMatch(header: string | undefined): number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  return tags(header).flatMap((tag) => {
    const [, version] = /^(?:W\/)?"([1-9]\d{0,8})"$/.exec(tag) ?? []
    return version === undefined ? [] : [Number(version)]
  })
}

/** Whether an If-None-Match header names this version: weakly compared, as that header wants it. */
export function noneMatch(header: string | undefined, version: number) {
  if (header === undefined) return true
  return header.trim() !== '*' && !tags(header).some((tag) => tag.replace(/^W\//, '') === etag(version))
}

const tags = (header: string) => header.split(',').map((tag) => tag.trim())
