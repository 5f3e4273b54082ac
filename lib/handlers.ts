// The functions that are deployed on their own: where each one's code is, what it answers, and the secrets without
// which it is not deployed. wrangler.toml, the handlers' own routes and the contract are held against this list by a
// test.

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** A path as Hono writes it: https://hono.dev/docs/api/routing */
type Route = { method: Method; path: string }

const READER = ['DATABASE_URL', 'API_TOKENS']
const WRITER = ['DATABASE_URL', 'KAFKA_BOOTSTRAP_SERVERS', 'API_TOKENS']
const PUBLISHER = ['DATABASE_URL', 'KAFKA_BOOTSTRAP_SERVERS']

const PRODUCT = '/products/:id{[0-9]+}'

export const HANDLERS = [
  define('create-product', WRITER, { method: 'POST', path: '/products' }),
  define('import-products', WRITER, { method: 'POST', path: '/products/import' }),
  define('list-products', READER, { method: 'GET', path: '/products' }),
  define('get-product', READER, { method: 'GET', path: PRODUCT }),
  define('change-product', WRITER, { method: 'PATCH', path: PRODUCT }),
  define('delete-product', WRITER, { method: 'DELETE', path: PRODUCT }),
  define('health', READER, { method: 'GET', path: '/health' }, { method: 'GET', path: '/health/live' }),
  define(
    'describe-api',
    [],
    ...['/openapi.json', '/docs', '/docs/', '/docs/:file'].map((path) => ({ method: 'GET' as const, path })),
  ),
  define('relay-events', PUBLISHER), // has a timer, and answers nothing
]

/** `name` is its environment in wrangler.toml and its Worker; `binding` is what the gateway calls it. */
function define(name: string, secrets: string[], ...routes: Route[]) {
  return { name, file: `functions/${name}.ts`, binding: name.toUpperCase().replaceAll('-', '_'), routes, secrets }
}
