// What is the same for all Workers and no secret: set here, once, and deployed with the code of each. A variable of the
// same name that one Worker is told comes first; what is empty here is not set. local/deploy/README.md has the
// meanings.

export const SETTINGS = {
  ALLOWED_ORIGINS: '', // 'https://one.example,https://two.example'
  PRODUCTS_TOPIC: 'products.created',
  PRODUCTS_CHANGED_TOPIC: 'products.changed',
  OUTBOX_MAX_STATEMENTS: '900',
}
