// What somebody types into the field at the top: text and numbers, never a pattern or a command.

import type { SeenRecord } from './kafka/ring.ts'

export type Query =
  | { by: 'product'; id: number; text: string }
  | { by: 'event'; id: string }
  | { by: 'place'; topic: string; partition: number; offset: number }
  | { by: 'time'; from: number }
  | { by: 'text'; text: string }

const MOST = 200 // characters

/** undefined where nothing is asked. */
export function readQuery(asked: string): Query | undefined {
  const text = asked.trim().slice(0, MOST)
  if (!text) return undefined
  if (/^#?\d{1,15}$/.test(text)) return { by: 'product', id: Number(text.replace('#', '')), text }
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return { by: 'event', id: text.toLowerCase() }
  const [, topic, partition, offset] = /^([\w.-]{1,249}):(\d{1,6}):(\d{1,15})$/.exec(text) ?? []
  if (topic !== undefined) return { by: 'place', topic, partition: Number(partition), offset: Number(offset) }
  if (/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) {
    const from = Date.parse(text.replace(' ', 'T'))
    if (!Number.isNaN(from)) return { by: 'time', from }
  }
  return { by: 'text', text }
}

/** Whether a record is meant. Text is looked for in key, headers and the part of the value that is kept. */
export function matches(query: Query) {
  return (record: SeenRecord): boolean => {
    switch (query.by) {
      case 'product':
        return record.key?.toString() === String(query.id)
      case 'event':
        return record.headers.some(([name, value]) => name === 'ce_id' && value?.toString() === query.id)
      case 'place':
        return record.topic === query.topic && record.partition === query.partition && record.offset === query.offset
      case 'time':
        return record.timestamp >= query.from
      case 'text': {
        const text = query.text.toLowerCase()
        const has = (bytes: Buffer | null) => bytes !== null && bytes.toString().toLowerCase().includes(text)
        return (
          has(record.key) ||
          has(record.value) ||
          record.headers.some(([name, value]) => name.toLowerCase().includes(text) || has(value))
        )
      }
    }
  }
}
