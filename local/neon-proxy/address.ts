/** Where Postgres listens. */
export type Address = { host: string; port: number }
