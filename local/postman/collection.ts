// The collection for Postman, made from the contract:
// https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html

import { createHash } from 'node:crypto'
import { contract } from '../../lib/contract/document.ts'
import type { Header } from '../../lib/contract/openapi.ts'
import { handlers } from './handlers.ts'
import { lecture } from './lecture.ts'
import type { Folder, Step } from './step.ts'

const document = contract()
const operations = new Map(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [operation.operationId, { method: method.toUpperCase(), path, operation }] as const,
    ),
  ),
)

export const collection = () => ({
  info: {
    name: document.info.title,
    _postman_id: id('collection'),
    description: document.info.description,
    schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
  },
  auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}', type: 'string' }] },
  variable: [{ key: 'components', value: JSON.stringify({ schemas: document.components.schemas }, withoutInt64) }],
  item: [lecture, ...handlers].map(toFolder),
})

export const environment = () => ({
  id: id('environment'),
  name: `${document.info.title}, local`,
  values: [
    { key: 'baseUrl', value: 'http://127.0.0.1:8787', type: 'default', enabled: true },
    { key: 'token', value: '', type: 'secret', enabled: true },
  ],
  _postman_variable_scope: 'environment',
})

function toFolder({ name, description, before, steps }: Folder) {
  return {
    name,
    description: description ?? document.tags.find((tag) => tag.name === name)?.description,
    event: before ? [script('prerequest', before)] : [],
    item: steps.map((step) => toItem(name, step)),
  }
}

function toItem(folder: string, step: Step) {
  const { method, path, operation } = find(step.operation)
  const [[mediaType, content] = []] = Object.entries(operation.requestBody?.content ?? {})
  const body = step.body ?? Object.values(content?.examples ?? {})[0]?.value
  const headers = { ...(mediaType && { 'Content-Type': mediaType }), ...step.headers }
  const url = step.at ?? path.replaceAll(/\{(\w+)\}/g, '{{$1}}')
  return {
    id: id(`${folder}/${step.name}`),
    name: step.name,
    event: [...(step.before ? [script('prerequest', step.before)] : []), script('test', tests(step))],
    request: {
      method,
      description: [operation.summary, operation.description].filter(Boolean).join('. '),
      ...((step.anonymous || operation.security?.length === 0) && { auth: { type: 'noauth' } }),
      header: Object.entries(headers).map(([key, value]) => ({ key, value })),
      url: toUrl(url),
      ...(body !== undefined && {
        body: {
          mode: 'raw',
          raw: typeof body === 'string' ? body : JSON.stringify(body, null, 2),
          options: { raw: { language: headers['Content-Type']?.includes('json') ? 'json' : 'text' } },
        },
      }),
    },
    response: [],
  }
}

function toUrl(url: string) {
  const [path = '', query] = url.split('?')
  return {
    raw: `{{baseUrl}}${url}`,
    host: [path.startsWith('/') ? '{{baseUrl}}' : `{{baseUrl}}${path}`],
    ...(path.startsWith('/') && { path: path.slice(1).split('/') }),
    ...(query && { query: query.split('&').map((pair) => ({ key: pair.split('=')[0], value: pair.split('=')[1] })) }),
  }
}

/** Without a token an open API answers as it would with one. */
function tests(step: Step) {
  const check = (status: number) => [
    ...answered(step.operation, status),
    ...(status === step.status ? (step.tests ?? []) : []),
  ]
  if (!step.anonymous) return check(step.status)
  const success = Number(Object.keys(find(step.operation).operation.responses)[0])
  const indented = (lines: string[]) => lines.map((line) => `  ${line}`)
  return [
    `if (pm.environment.get('token')) {`,
    ...indented(check(step.status)),
    `} else {`,
    ...indented(check(success)),
    `}`,
  ]
}

/** What the contract says of the answer: its status, its headers, its media type and its schema. */
function answered(operationId: string, status: number) {
  const { headers = {}, content = {} } = find(operationId).operation.responses[status] ?? {}
  const required = Object.entries<Header>(document.components.headers).filter(
    ([name, header]) => header.required && name in headers,
  )
  const [body] = Object.entries(content)
  return [
    `pm.test('${status}, as the contract says', () => {`,
    `  pm.response.to.have.status(${status})`,
    ...required.map(([name]) => `  pm.response.to.have.header('${name}')`),
    ...(body ? carries(...body) : []),
    `})`,
  ]
}

function carries(mediaType: string, { schema }: { schema: object }) {
  const whole = `{ allOf: [${JSON.stringify(schema)}], components: JSON.parse(pm.collectionVariables.get('components')) }`
  return [
    `  pm.expect(pm.response.headers.get('Content-Type')).to.include('${mediaType}')`,
    ...(mediaType.endsWith('json') ? [`  pm.response.to.have.jsonSchema(${whole})`] : []),
  ]
}

function find(operationId: string) {
  const found = operations.get(operationId)
  if (!found) throw new Error(`The contract has no ${operationId}`)
  return found
}

const script = (listen: 'prerequest' | 'test', exec: string[]) => ({
  listen,
  script: { type: 'text/javascript', exec },
})

/** The same for the same name, so that the files change only with the contract. */
function id(name: string) {
  const hex = createHash('sha256').update(name).digest('hex')
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5')
}

/** Postman refuses a format that its validator does not know; this one is for generators of clients. */
const withoutInt64 = (key: string, value: unknown) => (key === 'format' && value === 'int64' ? undefined : value)
