/** One JSON line to the Worker's log. Never give it a body, a token or a connection string. */
export function log(level: 'info' | 'warn' | 'error', message: string, fields: Record<string, unknown> = {}) {
  console[level](JSON.stringify({ level, message, ...fields }))
}

/** An error as log fields, with the causes behind it. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: String(error) }
  const { name, message, stack, cause } = error
  return {
    error: `${name}: ${message}`,
    ...('code' in error && { code: error.code }),
    stack,
    ...(cause !== undefined && { cause: errorFields(cause) }),
  }
}
