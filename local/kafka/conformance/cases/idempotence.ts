// Producers that repeat nothing (KIP-98).

import { fetch, initProducer, produce } from '../asking.ts'
import { check } from '../check.ts'
import { ids, brief } from './transacting.ts'

export const idempotenceChecks = [
  ...[0, 1, 2, 3, 4, 5].map((version) =>
    check(
      `InitProducerId ${version} gives an id`,
      async (kafka) => {
        const first = await initProducer(kafka, null, { version })
        const second = await initProducer(kafka, null, { version })
        return [first.error, first.epoch, first.producerId >= 0, first.producerId === second.producerId]
      },
      ['NONE', 0, true, false],
    ),
  ),
  check(
    'a batch that comes twice is written once',
    async (kafka) => {
      const [topic, producer] = [await kafka.topic(), ids(await initProducer(kafka, null))]
      const send = (sequence: number, values: string[]) => produce(kafka, topic, values, { ...producer, sequence })
      const first = await send(0, ['a', 'b'])
      const again = await send(0, ['a', 'b'])
      const next = await send(2, ['c'])
      return [
        brief(first),
        brief(again),
        brief(next),
        brief(await send(0, ['a', 'b'])),
        (await fetch(kafka, topic)).values,
      ]
    },
    [
      ['NONE', 0],
      ['NONE', 0],
      ['NONE', 2],
      ['NONE', 0],
      ['a', 'b', 'c'],
    ],
  ),
  check(
    'a gap in the sequence is refused',
    async (kafka) => {
      const [topic, producer] = [await kafka.topic(), ids(await initProducer(kafka, null))]
      await produce(kafka, topic, ['a'], { ...producer, sequence: 0 })
      return brief(await produce(kafka, topic, ['c'], { ...producer, sequence: 2 }))
    },
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', -1],
  ),
  check(
    'a producer that is new to a partition may begin anywhere',
    async (kafka) => {
      const [topic, producer] = [await kafka.topic(), ids(await initProducer(kafka, null))]
      return brief(await produce(kafka, topic, ['a'], { ...producer, sequence: 5 }))
    },
    ['NONE', 0],
  ),
  check(
    'a later epoch begins at 0, and the earlier one is fenced',
    async (kafka) => {
      const [topic, { producerId }] = [await kafka.topic(), await initProducer(kafka, null)]
      const send = (epoch: number, sequence: number) => produce(kafka, topic, ['a'], { producerId, epoch, sequence })
      return [brief(await send(0, 0)), brief(await send(1, 3)), brief(await send(1, 0)), brief(await send(0, 1))]
    },
    [
      ['NONE', 0],
      ['OUT_OF_ORDER_SEQUENCE_NUMBER', -1],
      ['NONE', 1],
      ['INVALID_PRODUCER_EPOCH', -1],
    ],
  ),
  check(
    'a batch older than the last five is out of order',
    async (kafka) => {
      const [topic, producer] = [await kafka.topic(), ids(await initProducer(kafka, null))]
      for (let sequence = 0; sequence < 6; sequence++) await produce(kafka, topic, ['a'], { ...producer, sequence })
      const repeated = async (sequence: number) => brief(await produce(kafka, topic, ['a'], { ...producer, sequence }))
      return [await repeated(1), await repeated(0)]
    },
    [
      ['NONE', 1],
      ['OUT_OF_ORDER_SEQUENCE_NUMBER', -1],
    ],
  ),
]
