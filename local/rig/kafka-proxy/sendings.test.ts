import { expect, test } from 'vitest'
import { openLedger } from './sendings.ts'

const produce = (topic: string) => ({ topics: [{ name: topic, partitions: [{ index: 0, records: null }] }] })

function stage() {
  let now = 10_000
  const ledger = openLedger(0, () => now)
  const connection = ledger.connection()
  const at = (moment: number, what: () => unknown) => {
    now = moment
    what()
  }
  return { ledger, connection, at }
}

test.each(['abandoned', 'lost'] as const)(
  'a Worker may have waited since it got the batch for what is %s',
  (outcome) => {
    const { ledger, connection, at } = stage()
    at(10_100, () => {
      connection.answered(connection.sent(produce('first')), [{ name: 'first', partitions: [acknowledged] }])
    })
    at(11_000, ledger.batch)
    at(12_600, () => connection.sent(produce('topic')))
    at(13_000, () => connection.ended(outcome))
    at(13_100, ledger.batch)
    expect(ledger.sendings).toMatchObject([
      { topic: 'first', since: 10_100, outcome: 'acknowledged', endedAt: 10_100 },
      { topic: 'topic', since: 11_000, at: 12_600, outcome, endedAt: 13_000 },
    ])
  },
)

const acknowledged = { index: 0, error: 0, baseOffset: 0, logAppendTime: -1, logStartOffset: 0 }
