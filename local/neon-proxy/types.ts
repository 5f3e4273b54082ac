import { types } from 'pg'

type Parser = (text: string) => unknown
export type Types = { getTypeParser: (type: number) => Parser }

const { BOOL, INT2, INT4, FLOAT4, FLOAT8, JSON, JSONB } = types.builtins
const json = new Set<number>([BOOL, INT2, INT4, FLOAT4, FLOAT8, JSON, JSONB])
const asText: Parser = (text) => text

/** For the driver, which asks for text and reads it itself. */
export const textTypes: Types = { getTypeParser: () => asText }

/** For those who call the endpoint by hand: as JSON what JSON has, text for the rest. */
export const jsonTypes: Types = {
  getTypeParser: (type) => (json.has(type) ? types.getTypeParser(type, 'text') : asText),
}
