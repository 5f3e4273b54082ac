/**
 * What an error says, in one text. Node joins the failed attempts at the addresses of one host name in an error without
 * a message.
 */
export function errorMessage(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(errorMessage).join('; ')
  return error instanceof Error ? error.message : String(error)
}
