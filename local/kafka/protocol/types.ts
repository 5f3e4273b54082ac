// The Kafka wire format: primitive types, and message layouts composed of them.
// A layout is data. One reader and one writer serve every message in every version: `version` decides which fields are
// present.

import { isUtf8 } from 'node:buffer'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/** Bytes, also where its length could say more: what one client sends is told to others in the old form. */
export const MAX_STRING = 0x7fff

/**
 * A field: how to read it (as T) and write it (from W), the versions it occurs in, and its value where it does not.
 * `read` and `write` are methods so that any field is a `Type<unknown>`, whatever it holds.
 */
export interface Type<T, W = T> {
  zero: T
  min: number
  max: number
  tag?: number
  read(reader: Reader): T
  write(writer: Writer, value: W): void
  since(version: number): Type<T, W>
  until(version: number): Type<T, W>
  /** The same with another value where it is absent. */
  or(zero: T): Type<T, W>
  /** An optional field of its own number, behind all others (KIP-482). */
  tagged(tag: number): Type<T, W>
}

const type = <T, W = T>(
  zero: T,
  read: (reader: Reader) => T,
  write: (writer: Writer, value: W) => void,
  min = 0,
  max = Infinity,
  tag?: number,
): Type<T, W> => ({
  zero,
  min,
  max,
  tag,
  read,
  write,
  since: (version) => type(zero, read, write, version, max, tag),
  until: (version) => type(zero, read, write, min, version, tag),
  or: (other) => type(other, read, write, min, max, tag),
  tagged: (number) => type(zero, read, write, min, max, number),
})

/** What starts with its length, -1 for null. A null where a value must be makes the request malformed. */
const sized = <T, W = T>(
  width: 'int16' | 'int32',
  zero: T,
  get: (reader: Reader, size: number) => T,
  put: (writer: Writer, value: W) => void,
) => ({
  required: type<T, W>(
    zero,
    (r) => {
      const size = r.size(width)
      if (size < 0) throw new RangeError('null where there must be a value')
      return get(r, size)
    },
    put,
  ),
  nullable: type<T | null, W | null>(
    null,
    (r) => {
      const size = r.size(width)
      return size < 0 ? null : get(r, size)
    },
    (w, value) => (value === null ? w.size(width, -1) : put(w, value)),
  ),
})

export const bool = type<boolean>(
  false,
  (r) => r.int8() !== 0,
  (w, value) => w.int8(value ? 1 : 0),
)
export const int8 = type<number>(
  0,
  (r) => r.int8(),
  (w, value) => w.int8(value),
)
export const int16 = type<number>(
  0,
  (r) => r.int16(),
  (w, value) => w.int16(value),
)
export const uint16 = type<number>(
  0,
  (r) => r.int16() & 0xffff,
  (w, value) => w.int16((value << 16) >> 16),
)
export const int32 = type<number>(
  0,
  (r) => r.int32(),
  (w, value) => w.int32(value),
)
export const int64 = type<number>(
  0,
  (r) => r.int64(),
  (w, value) => w.int64(value),
)
export const float64 = type<number>(
  0,
  (r) => r.float64(),
  (w, value) => w.float64(value),
)
export const uuid = type<string>(
  '0'.repeat(32),
  (r) => r.take(16).toString('hex'),
  (w, value) => w.raw(Buffer.from(value, 'hex')),
)

export const { required: string, nullable: nullableString } = sized<string>(
  'int16',
  '',
  (r, size) => {
    if (size > MAX_STRING) throw new RangeError(`a string of ${size} bytes`)
    const encoded = r.take(size)
    if (!isUtf8(encoded)) throw new RangeError('a string that is not UTF-8')
    return encoded.toString()
  },
  (w, value) => {
    const encoded = Buffer.from(value)
    w.size('int16', encoded.length)
    w.raw(encoded)
  },
)

const blob = sized<Buffer>(
  'int32',
  Buffer.alloc(0),
  (r, size) => r.take(size),
  (w, value) => {
    w.size('int32', value.length)
    w.raw(value)
  },
)
export const bytes = blob.required

/** Record batches: read as the one piece they arrive in, written from pieces that stay apart until they are sent. */
export const records = type<Buffer | null, Buffer[] | null>(
  null,
  (r) => blob.nullable.read(r),
  (w, batches) => {
    const given = batches ?? []
    w.size(
      'int32',
      given.reduce((sum, batch) => sum + batch.length, 0),
    )
    for (const batch of given) w.raw(batch)
  },
)

const arrayOf = <T, W>(item: Type<T, W>) =>
  sized<T[], W[]>(
    'int32',
    [],
    (r, size) => {
      r.expect(size)
      return Array.from({ length: size }, () => item.read(r))
    },
    (w, values) => {
      w.size('int32', values.length)
      for (const value of values) item.write(w, value)
    },
  )
export const array = <T, W>(item: Type<T, W>) => arrayOf(item).required
export const nullableArray = <T, W>(item: Type<T, W>) => arrayOf(item).nullable

type Fields = Record<string, Type<unknown>>
type Values<F extends Fields> = { [K in keyof F]: F[K]['zero'] }
/** What is left out is written as its zero. */
type Draft<F extends Fields> = { [K in keyof F]?: Parameters<F[K]['write']>[1] }

export const struct = <F extends Fields>(fields: F): Type<Values<F>, Draft<F>> => {
  const entries = Object.entries(fields)
  const isIn = ({ min, max }: Type<unknown>, version: number) => version >= min && version <= max
  const values = (valueOf: (field: Type<unknown>, name: string) => unknown) =>
    // TypeScript cannot follow a loop over the fields that makes one value of each.
    Object.fromEntries(entries.map(([name, field]) => [name, valueOf(field, name)])) as Values<F>
  return type(
    values((field) => field.zero),
    (r) => {
      const untagged = values((field) =>
        field.tag === undefined && isIn(field, r.version) ? field.read(r) : field.zero,
      )
      const tags = r.tags()
      if (!tags.size) return untagged
      return values(({ tag, ...field }, name) => {
        const tagged = tag === undefined || !isIn(field, r.version) ? undefined : tags.get(tag)
        return tagged ? field.read(tagged) : untagged[name]
      })
    },
    (w, draft) => {
      const tagged: [number, (writer: Writer) => void][] = []
      for (const [name, field] of entries) {
        const value = draft[name]
        if (!isIn(field, w.version)) continue
        if (field.tag === undefined) field.write(w, value === undefined ? field.zero : value)
        else if (value !== undefined) tagged.push([field.tag, (writer) => field.write(writer, value)])
      }
      w.tags(tagged)
    },
  )
}

/** A struct that may be missing: a byte before it says so. */
export const nullableStruct = <F extends Fields>(fields: F) => {
  const present = struct(fields)
  return type<Values<F> | null, Draft<F> | null>(
    null,
    (r) => (r.int8() < 0 ? null : present.read(r)),
    (w, value) => {
      w.int8(value === null ? -1 : 1)
      if (value !== null) present.write(w, value)
    },
  )
}

export const list = <F extends Fields>(fields: F) => array(struct(fields))
export const nullableList = <F extends Fields>(fields: F) => nullableArray(struct(fields))

/** One kind of request and its response: the versions spoken, and the first that is flexible. */
export type Api<Q, R> = {
  key: number
  min: number
  max: number
  flexible: number
  request: Pick<Type<Q>, 'read'>
  response: Pick<Type<unknown, R>, 'write'>
}

export const api = <Q extends Fields, R extends Fields>(
  key: number,
  [min, max]: [number, number],
  flexible: number,
  request: Q,
  response: R,
) => ({ key, min, max, flexible, request: struct(request), response: struct(response) })

export type RequestOf<A extends Api<unknown, unknown>> = ReturnType<A['request']['read']>
export type ResponseOf<A extends Api<unknown, unknown>> = Parameters<A['response']['write']>[1]
