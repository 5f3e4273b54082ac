// Where the local stack is, by `npm run dev` and by `docker compose up` alike.

export const PORTS = { api: 8787, console: 8080, kafka: 9092, neonProxy: 4444, postgres: 5432 }
