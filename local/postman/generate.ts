// `npm run postman`: writes what Postman imports.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { collection, environment } from './collection.ts'

const write = (name: string, content: object) =>
  writeFile(join(import.meta.dirname, name), `${JSON.stringify(content, null, 2)}\n`)

await write('product-api.postman_collection.json', collection())
await write('product-api.postman_environment.json', environment())
