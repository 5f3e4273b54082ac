/** Of a request and of a reply over HTTP, in bytes: https://neon.com/docs/serverless/serverless-driver ("64 MB"). */
export const MAX_BYTES = 64 * 1024 * 1024

/**
 * After which Postgres cancels a statement. Neon has no such limit: a laptop without one keeps what a mistake has
 * started.
 */
export const STATEMENT_MS = 60_000

/** For each user and database. */
export const CONNECTIONS_PER_POOL = 16

/**
 * Of all pools together. Postgres takes 200, or 100 in a container as it comes; the rest is for tunnels and for others.
 */
export const CONNECTIONS = 64

/** Users and databases at a time. */
export const POOLS = 32

/** WebSockets at a time. */
export const TUNNELS = 32
