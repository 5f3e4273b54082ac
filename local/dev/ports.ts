// Where the local stack is, by `npm run dev` and by `docker compose up` alike.

import { wholeNumber } from '../machine/whole-number.ts'

export const PORTS = { api: 8787, console: 8080, kafka: 9092, neonProxy: 4444, postgres: 5432 }

/** Added to every port, for a second stack beside the first. Throws where LOCAL_PORT_OFFSET is no such number. */
export const portOffset = () => wholeNumber('LOCAL_PORT_OFFSET', process.env.LOCAL_PORT_OFFSET || '0', 0, 50_000)
