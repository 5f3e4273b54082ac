// A Worker with one subrequest: a statement that does nothing, by the driver and the proxy that the handlers use.

import { neon, neonConfig } from '@neondatabase/serverless'

type Env = { DATABASE_URL: string; NEON_PROXY_URL: string }

export default {
  async fetch(_request: Request, { DATABASE_URL, NEON_PROXY_URL }: Env) {
    neonConfig.fetchEndpoint = NEON_PROXY_URL
    return Response.json(await neon(DATABASE_URL)`select 1 as one`)
  },
}
