import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, inject } from 'vitest'
import { createTestHarness } from 'wrangler'
import { HANDLERS } from '../../lib/handlers.ts'
import { isReader } from '../deploy/deployment.ts'
import { urlFor } from '../postgres/logins.ts'
import { TIMER, WHOLE_API } from './shape.ts'

const root = join(import.meta.dirname, '../..')
const BODILESS = [101, 204, 205, 304] // https://fetch.spec.whatwg.org/#null-body-status
const SECRETS = ['DATABASE_URL', 'KAFKA_BOOTSTRAP_SERVERS', 'API_TOKENS']

/** A database of ours as a handler may use it that is deployed with these secrets. */
function withRole(env: string, bindings: Record<string, string>) {
  const { DATABASE_URL } = bindings
  if (DATABASE_URL === undefined || !inject('hasRoles')) return bindings
  const reads = isReader(HANDLERS.find(({ name }) => name === env)?.secrets ?? [])
  return { ...bindings, DATABASE_URL: urlFor(reads ? 'reader' : 'writer', DATABASE_URL) }
}

/** What changes products is bound to the relay's alarm, without which workerd does not start. */
function withRelay(names: string[]) {
  const bound = HANDLERS.some(
    ({ name, routes, secrets }) => names.includes(name) && routes.length && secrets.includes('KAFKA_BOOTSTRAP_SERVERS'),
  )
  return bound && !names.includes('relay-events') ? [...names, 'relay-events'] : names
}

/**
 * The Worker of an environment of wrangler.toml ('' is the whole API, in one Worker or as shape.ts has it), or several
 * of which the first has the address, as `wrangler dev` runs them in workerd, for the tests of one file.
 */
export function worker(
  env: string | string[],
  bindings: Record<string, string>,
  configPath = join(root, 'wrangler.toml'),
) {
  const workers = (env === '' ? WHOLE_API : withRelay([env].flat())).map((env) => {
    const { true: secrets = [], false: vars = [] } = Object.groupBy(Object.entries(withRole(env, bindings)), ([name]) =>
      String(SECRETS.includes(name)),
    )
    return { env, configPath, vars: Object.fromEntries(vars), secrets: Object.fromEntries(secrets) }
  })
  const harness = createTestHarness({ workers })
  let url: URL | undefined
  beforeAll(async () => {
    url = (await harness.listen()).url
  })
  afterAll(() => harness.close())
  /**
   * With its whole body: while an answer waits for others, the one that it stands for, which nobody holds, may be
   * collected as garbage, and its body is lost with it.
   */
  async function fetchWhole(...request: Parameters<typeof harness.fetch>) {
    const answer = await harness.fetch(...request)
    const body = BODILESS.includes(answer.status) ? null : await answer.arrayBuffer()
    const { status, statusText, headers } = answer
    return new Response(body, { status, statusText, headers: [...headers] })
  }
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetchWhole(path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && {
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      }),
    })
  return {
    fetch: fetchWhole,
    url: () => url?.origin ?? '', // for clients of other kinds
    send,
    post: (path: string, body: unknown, headers: Record<string, string> = {}) => send('POST', path, body, headers),
    cron: () => harness.getWorker(env === '' ? TIMER : undefined).scheduled({ cron: '* * * * *' }),
    clearLogs: () => harness.clearLogs(),
    logs: () => harness.getLogs().map(({ message }) => message),
  }
}

/** A copy of wrangler.toml, for the tests of one file, that allows a token `limit` requests in 10 s. */
export async function rateLimitedTo(limit: number) {
  const folder = await mkdtemp(join(tmpdir(), 'product-api-config-'))
  afterAll(() => rm(folder, { recursive: true }))
  const path = join(folder, 'wrangler.toml')
  const text = await readFile(join(root, 'wrangler.toml'), 'utf8')
  await writeFile(path, text.replaceAll('main = "', `main = "${root}/`).replaceAll(/limit = \d+/g, `limit = ${limit}`))
  return path
}
