// The apps of the shop, which all read the same records, each in a group of its own.

import type { App } from '../app.ts'
import { auditLog } from './audit-log.ts'
import { priceWatch } from './price-watch.ts'
import { searchIndex } from './search-index.ts'
import { stock } from './stock.ts'
import { webhook } from './webhook.ts'

export const APPS: App[] = [stock, searchIndex, priceWatch, auditLog, webhook]
