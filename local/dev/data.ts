import { join, resolve } from 'node:path'

/** Where everything local is kept until `npm run reset`: LOCAL_DATA, or a folder of this checkout. */
export const DATA = resolve(process.env.LOCAL_DATA || join(import.meta.dirname, '../.data'))
