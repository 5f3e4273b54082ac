// The contract: what clients, pages and tools are told about this API. No handler depends on it, and a test holds them
// against it.

import { headers } from './headers.ts'
import type { Paths } from './openapi.ts'
import { changeProduct } from './operations/change-product.ts'
import { createProduct } from './operations/create-product.ts'
import { deleteProduct } from './operations/delete-product.ts'
import { getContract, getDocs } from './operations/describe-api.ts'
import { getProduct } from './operations/get-product.ts'
import { health, liveness } from './operations/health.ts'
import { importProducts } from './operations/import-products.ts'
import { listProducts } from './operations/list-products.ts'
import { elsewhere } from './problems.ts'
import { schemas } from './schemas.ts'

const description = `Products in Postgres, and their events on Kafka.

Every change of a product writes its event in the same statement, and the event reaches Kafka at least once, in the order of the changes:
\`product.created\` on the topic products.created; \`product.updated\` and \`product.deleted\` on products.changed. The key of a record is the id of
the product; the headers are CloudEvents 1.0, and \`ce_id\` is the same in a duplicate. A \`traceparent\` goes from the request into the event.

Errors are problem details (RFC 9457) that name every issue at once. A path that is not here is 404; a method that a path does not take is 405
and says what it takes in \`Allow\`. HEAD is GET without a body, and OPTIONS answers \`Allow\`.

Where the API is open (\`API_TOKENS=none\`, as on a laptop) no token is needed: \`/health\` tells all, and only there a
rate limit holds.`

const paths: Paths = {
  '/products': { post: createProduct, get: listProducts },
  '/products/import': { post: importProducts },
  '/products/{id}': { get: getProduct, patch: changeProduct, delete: deleteProduct },
  '/health': { get: health },
  '/health/live': { get: liveness },
  '/openapi.json': { get: getContract },
  '/docs': { get: getDocs },
}

/** `server` is where the API is: the origin where it is known, otherwise relative to the document. */
export const contract = (server = '/') => ({
  openapi: '3.1.1',
  info: { title: 'Product API', version: '1.0.0', description },
  servers: [{ url: server }],
  security: [{ token: [] }],
  tags: Object.values(paths)
    .flatMap((path) => Object.values(path).flatMap(({ tags }) => tags))
    .filter((name, index, all) => all.indexOf(name) === index)
    .map((name) => ({ name, description: `functions/${name}.ts` })),
  paths,
  components: {
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer', description: 'One of API_TOKENS. A read token may not write.' },
    },
    schemas: schemas(),
    headers,
    responses: elsewhere,
  },
})
