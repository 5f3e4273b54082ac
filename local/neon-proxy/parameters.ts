/**
 * A JSON parameter as Postgres' text, by the rules of Neon's json.rs. Neon's driver sends strings, numbers, booleans
 * and null, with arrays already in Postgres' notation; the rest is for those who call the endpoint by hand.
 */
export function toText(value: unknown) {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  return Array.isArray(value) ? toArrayText(value) : JSON.stringify(value)
}

function toArrayText(value: unknown): string {
  if (value === null) return 'NULL'
  if (Array.isArray(value)) return `{${value.map(toArrayText).join(',')}}`
  return typeof value === 'object' ? JSON.stringify(JSON.stringify(value)) : JSON.stringify(value)
}
