import addFormats from 'ajv-formats'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { contract } from '../../lib/contract/document.ts'
import type { Header, Operation } from '../../lib/contract/openapi.ts'
import type { JsonSchema } from '../../lib/contract/schemas.ts'

/** Every operation of the contract, with its place. */
export const contractOperations = (): { path: string; method: string; operation: Operation }[] =>
  Object.entries(contract().paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )

/** A function that says what is wrong with a value, by a schema that may refer to those of the contract. */
export function compile() {
  const ajv = new Ajv2020({ allErrors: true, strict: false })
  addFormats.default(ajv)
  ajv.addSchema(contract(), 'contract')
  const compiled = new Map<string, ValidateFunction>()
  return (schema: JsonSchema, value: unknown) => {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"contract#/components/')
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text))
    compiled.set(text, validate)
    return validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
  }
}

/** What is wrong with an answer, by what the contract says of its operation: status, media type, body and headers. */
export async function breaches(valid: ReturnType<typeof compile>, operation: Operation, response: Response) {
  const declared = operation.responses[response.status]
  if (!declared) return [`status ${response.status} is not in the contract`]
  return [
    ...headerBreaches(valid, Object.keys(declared.headers), response),
    ...(await bodyBreaches(valid, declared.content, response)),
  ]
}

/** Headers that mean something to a client of this API. The others are on every answer. */
const MEANINGFUL = contract().components.headers

function headerBreaches(valid: ReturnType<typeof compile>, declared: string[], { headers }: Response) {
  return Object.entries<Header>(MEANINGFUL).flatMap(([name, { required, schema }]) => {
    const value = headers.get(name)
    if (!declared.includes(name)) return value === null ? [] : [`header ${name} is not in the contract`]
    if (value === null) return required ? [`header ${name} is missing`] : []
    return valid(schema, value).map((issue) => `header ${name}: ${value} ${issue}`)
  })
}

async function bodyBreaches(
  valid: ReturnType<typeof compile>,
  content: Operation['responses'][string]['content'],
  response: Response,
) {
  const text = await response.text()
  if (!content) return text === '' ? [] : ['there is a body']
  const mediaType = response.headers.get('content-type')?.split(';')[0] ?? ''
  const declared = content[mediaType]
  if (!declared) return [`media type ${mediaType} is not in the contract`]
  return valid(declared.schema, mediaType.endsWith('json') ? JSON.parse(text) : text)
}
