// As much of OpenAPI 3.1 as the contract uses: https://spec.openapis.org/oas/v3.1.1.html

import type { JsonSchema } from './schemas.ts'

type Example = { summary?: string; value: unknown }
type Examples = Record<string, Example>
export type Content = Record<string, { schema: JsonSchema; examples?: Examples }>
export type Header = { description: string; required?: boolean; schema: JsonSchema }
export type Parameter = {
  name: string
  in: 'path' | 'query' | 'header'
  description: string
  required?: boolean
  schema: JsonSchema
}
export type Response = { description: string; headers: Record<string, { $ref: string }>; content?: Content }

export type Operation = {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security?: ({ token: [] } | Record<string, never>)[]
  parameters?: Parameter[]
  requestBody?: { required: true; content: Content }
  responses: Record<string, Response>
}
export type Paths = Record<string, Partial<Record<'get' | 'post' | 'patch' | 'delete', Operation>>>
