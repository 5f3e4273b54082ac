import type { Context } from 'hono'

/**
 * Who asks, as far as an address says it. Cloudflare sets the header, and takes that of a client away:
 * https://developers.cloudflare.com/fundamentals/reference/http-headers/#cf-connecting-ip
 */
export const clientAddress = (c: Context) => networkOf(c.req.header('cf-connecting-ip') ?? '')

/** An address of IPv4 itself, and of IPv6 its first 64 bits: one customer has at least as many (RFC 6177). */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [before = '', after = ''] = address.split('::')
  const [left, right] = [before, after].map((part) => part.split(':').filter((group) => group !== ''))
  const groups = [...(left ?? []), ...Array<string>(8).fill('0')]
  const whole = address.includes('::') ? [...groups.slice(0, 8 - (right?.length ?? 0)), ...(right ?? [])] : groups
  return whole.slice(0, 4).join(':')
}
