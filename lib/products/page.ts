/** Products on a page of the list. */
export const MAX_LIMIT = 100
export const DEFAULT_LIMIT = 20

/** What a parameter of the list must be, in the words of an issue. */
export const EXPECTED = {
  limit: `must be a whole number from 1 to ${MAX_LIMIT}`,
  after: 'must be a cursor that a page of this list has given',
}
