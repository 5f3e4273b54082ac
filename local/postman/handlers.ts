// What is asked of each handler: what it does, and the issues that a client makes.

import { issues, type Folder, keep, problem } from './step.ts'

/** Each request of the folder gets a product of its own. */
const ownProduct = [
  `pm.sendRequest({`,
  `  url: pm.environment.get('baseUrl') + '/products',`,
  `  method: 'POST',`,
  `  header: { 'Content-Type': 'application/json', Authorization: 'Bearer ' + pm.environment.get('token') },`,
  `  body: { mode: 'raw', raw: JSON.stringify({ name: 'Kanelbulle', price: '24.90', quantity: 12 }) },`,
  `}, (error, response) => {`,
  `  ${keep('id', 'response.json().id')}`,
  `})`,
]

const missing = { at: '/products/999999999999', status: 404, tests: problem('There is no product with this id.') }
const changed = { headers: { 'If-Match': '"7"' }, status: 412 }
const anonymous = { name: 'Without a token', status: 401, anonymous: true }

export const handlers: Folder[] = [
  {
    name: 'create-product',
    steps: [
      { name: 'Create a product', operation: 'createProduct', status: 201 },
      {
        name: 'Create it once, however often it is sent',
        operation: 'createProduct',
        status: 201,
        before: [keep('key', `pm.variables.replaceIn('{{$guid}}')`)],
        headers: { 'Idempotency-Key': '{{key}}' },
        tests: [keep('id', 'pm.response.json().id')],
      },
      {
        name: 'Send it again',
        operation: 'createProduct',
        status: 201,
        headers: { 'Idempotency-Key': '{{key}}' },
        tests: [
          `pm.test('it is the first answer', () => {`,
          `  pm.response.to.have.header('Idempotency-Replayed', 'true')`,
          `  pm.expect(pm.response.json().id).to.equal(pm.collectionVariables.get('id'))`,
          `})`,
        ],
      },
      {
        name: 'Send another body with that key',
        operation: 'createProduct',
        status: 422,
        headers: { 'Idempotency-Key': '{{key}}' },
        body: { name: 'Semla', price: 45, quantity: 1 },
        tests: issues('Idempotency-Key'),
      },
      {
        name: 'Wait until Kafka has the event',
        operation: 'createProduct',
        status: 201,
        headers: { Prefer: 'wait=5' },
      },
      {
        name: 'Fields that are not valid',
        operation: 'createProduct',
        status: 422,
        body: { name: '', price: '1.234', colour: 'red' },
        tests: issues('/name', '/price', '/quantity', '/colour'),
      },
      { name: 'What is not JSON', operation: 'createProduct', status: 400, body: '{"name":' },
      {
        name: 'Another media type',
        operation: 'createProduct',
        status: 415,
        headers: { 'Content-Type': 'text/plain' },
      },
      {
        name: 'A body that is too large',
        operation: 'createProduct',
        status: 413,
        before: [keep('large', `'x'.repeat(65536)`)],
        body: '"{{large}}"',
      },
      { ...anonymous, operation: 'createProduct' },
    ],
  },
  {
    name: 'import-products',
    steps: [
      {
        name: 'Import a JSON array',
        operation: 'importProducts',
        status: 201,
        tests: [`pm.test('all are there', () => pm.expect(pm.response.json().items).to.have.lengthOf(2))`],
      },
      {
        name: 'Import lines of JSON',
        operation: 'importProducts',
        status: 201,
        headers: { 'Content-Type': 'application/x-ndjson' },
        body: '{"name":"Kanelbulle","price":"24.90","quantity":12}\n{"name":"Semla","price":45,"quantity":0}\n',
      },
      {
        name: 'Import a table',
        operation: 'importProducts',
        status: 201,
        headers: { 'Content-Type': 'text/csv' },
        body: 'name,price,quantity\nKanelbulle,24.90,12\n"Semla, with ""cream""",45,0\n',
      },
      {
        name: 'One of them is not valid, so none is made',
        operation: 'importProducts',
        status: 422,
        body: [
          { name: 'Kanelbulle', price: '24.90', quantity: 12 },
          { name: 'Semla', price: 45 },
        ],
        tests: issues('/1/quantity'),
      },
      { name: 'What is not JSON', operation: 'importProducts', status: 400, body: '[' },
      {
        name: 'Another media type',
        operation: 'importProducts',
        status: 415,
        headers: { 'Content-Type': 'text/plain' },
      },
      { ...anonymous, operation: 'importProducts' },
    ],
  },
  {
    name: 'list-products',
    steps: [
      {
        name: 'List products',
        operation: 'listProducts',
        status: 200,
        at: '/products?limit=1',
        tests: [
          keep('next', 'pm.response.json().next'),
          `pm.test('one', () => pm.expect(pm.response.json().items).to.have.lengthOf(1))`,
        ],
      },
      {
        name: 'The next page',
        operation: 'listProducts',
        status: 200,
        at: '/products?limit=2&after={{next}}',
        tests: [
          `pm.test('ascending ids', () => {`,
          `  const ids = pm.response.json().items.map(({ id }) => id)`,
          `  pm.expect(ids).to.eql([...ids].sort((a, b) => a - b))`,
          `})`,
        ],
      },
      {
        name: 'A query that is not valid',
        operation: 'listProducts',
        status: 422,
        at: '/products?limit=101&after=nonsense',
        tests: issues('limit', 'after'),
      },
      { ...anonymous, operation: 'listProducts' },
    ],
  },
  {
    name: 'get-product',
    before: ownProduct,
    steps: [
      { name: 'Get a product', operation: 'getProduct', status: 200 },
      { name: 'Get it if it has changed', operation: 'getProduct', status: 304, headers: { 'If-None-Match': '"1"' } },
      { name: 'Get one that is not there', operation: 'getProduct', ...missing },
      { ...anonymous, operation: 'getProduct' },
    ],
  },
  {
    name: 'change-product',
    before: ownProduct,
    steps: [
      { name: 'Change a product', operation: 'changeProduct', status: 200 },
      {
        name: 'Change it if it has not changed',
        operation: 'changeProduct',
        status: 200,
        headers: { 'If-Match': '"1"' },
      },
      { name: 'Change another version', operation: 'changeProduct', ...changed },
      { name: 'Change nothing', operation: 'changeProduct', status: 422, body: {}, tests: issues('') },
      { name: 'Change one that is not there', operation: 'changeProduct', ...missing },
      { ...anonymous, operation: 'changeProduct' },
    ],
  },
  {
    name: 'delete-product',
    before: ownProduct,
    steps: [
      { name: 'Delete a product', operation: 'deleteProduct', status: 204 },
      { name: 'Delete another version', operation: 'deleteProduct', ...changed },
      { name: 'Delete one that is not there', operation: 'deleteProduct', ...missing },
      { ...anonymous, operation: 'deleteProduct' },
    ],
  },
  {
    name: 'health',
    steps: [
      { name: 'Whether it can be used', operation: 'getHealth', status: 200 },
      { name: 'Whether it runs', operation: 'getLiveness', status: 200 },
    ],
  },
  {
    name: 'describe-api',
    steps: [
      { name: 'The contract', operation: 'getContract', status: 200 },
      { name: 'The page', operation: 'getDocs', status: 200 },
    ],
  },
]
