import { type Folder, keep } from './step.ts'

export const lecture: Folder = {
  name: 'Lecture',
  description:
    'One product from its creation to its end. Run the folder, or send step by step and watch Postgres and Kafka.',
  steps: [
    {
      name: '1. Create a product: a row, and a record on products.created',
      operation: 'createProduct',
      status: 201,
      headers: { Prefer: 'wait=5' },
      tests: [
        keep('location', `pm.response.headers.get('Location')`),
        keep('etag', `pm.response.headers.get('ETag')`),
        keep('product', 'pm.response.text()'),
      ],
    },
    {
      name: '2. Follow its Location',
      operation: 'getProduct',
      status: 200,
      at: '{{location}}',
      tests: [
        `pm.test('it is the same', () => pm.expect(pm.response.text()).to.equal(pm.collectionVariables.get('product')))`,
      ],
    },
    { name: '3. List products', operation: 'listProducts', status: 200 },
    {
      name: '4. Change it: a record on products.changed, with the same key',
      operation: 'changeProduct',
      status: 200,
      at: '{{location}}',
      headers: { 'If-Match': '{{etag}}' },
      tests: [
        `pm.test('it has a new version', () => pm.expect(pm.response.headers.get('ETag')).not.to.equal(pm.collectionVariables.get('etag')))`,
      ],
    },
    {
      name: '5. Change it once more, with the old version: a conflict',
      operation: 'changeProduct',
      status: 412,
      at: '{{location}}',
      headers: { 'If-Match': '{{etag}}' },
    },
    { name: '6. Delete it: its last record', operation: 'deleteProduct', status: 204, at: '{{location}}' },
    { name: '7. It is gone', operation: 'getProduct', status: 404, at: '{{location}}' },
    {
      name: '8. How the API is: `outbox` counts the events that still wait for Kafka',
      operation: 'getHealth',
      status: 200,
    },
  ],
}
