// All handlers in one Worker.

import { WriterConfig } from '../lib/config.ts'
import { createApp } from '../lib/http/app.ts'
import { changeProduct } from './change-product.ts'
import { createProduct } from './create-product.ts'
import { deleteProduct } from './delete-product.ts'
import { describeApi } from './describe-api.ts'
import { getProduct } from './get-product.ts'
import { importProducts } from './import-products.ts'
import { health } from './health.ts'
import { listProducts } from './list-products.ts'
import { relayEvents } from './relay-events.ts'

export { OutboxAlarm } from '../lib/outbox/alarm.ts'

const app = createApp(WriterConfig)
  .route('/', createProduct)
  .route('/', importProducts)
  .route('/', listProducts)
  .route('/', getProduct)
  .route('/', changeProduct)
  .route('/', deleteProduct)
  .route('/', health)
  .route('/', describeApi)

export default { fetch: app.fetch, scheduled: relayEvents }
