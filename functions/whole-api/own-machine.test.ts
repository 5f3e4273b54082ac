import { once } from 'node:events'
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { stage } from '../../local/rig/stage.ts'
import { worker } from '../../local/rig/worker.ts'

const { env } = stage()
const api = worker('', env)

/** The status for a request that names this host, as fetch() cannot. */
async function statusFor(host: string | undefined) {
  const asked = request(new URL('/products', api.url()), { headers: host === undefined ? {} : { host } }).end()
  const [response] = await once(asked, 'response')
  response.resume()
  return response.statusCode
}

test.each([undefined, 'localhost', '127.0.0.1:8787', '[::1]:8787', 'api.localhost'])(
  'a program here asks for %s',
  async (host) => {
    expect(await statusFor(host)).toBe(200)
  },
)

test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8787', '192.168.1.2'])(
  'a page whose name means this machine, as %s, gets nothing',
  async (host) => {
    expect(await statusFor(host)).toBe(403)
  },
)
