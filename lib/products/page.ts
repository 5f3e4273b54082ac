/** Products on a page of the list. */
export const MAX_LIMIT = 100
export const DEFAULT_LIMIT = 20
