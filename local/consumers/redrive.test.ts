import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { deadLetter } from './dead-letters.ts'
import { newShop } from './fixtures.ts'
import { createTopics, deadLetterTopic } from './kafka.ts'
import { listDeadLetters, redrive } from './redrive.ts'
import { partitionsOf } from '../rig/topics.ts'

test('a letter is sent again once, also where another had its offset before its topic was made again', async () => {
  const shop = await newShop()
  const [created = ''] = shop.topics
  const topic = deadLetterTopic(created)
  const bury = async (key: string) => {
    const record = { topic: created, partition: 0, offset: '0', key: Buffer.from(key), value: null, headers: {} }
    const failure = { groupId: shop.group('none'), deliveries: 1, error: new Error(key), at: new Date() }
    const { message } = deadLetter({ ...record, headers: { ce_id: randomUUID() } }, failure, 1)
    await expect.poll(() => shop.send(topic, message).catch(() => undefined)).toBeDefined() // it may just be made again
  }
  const keys = async () => (await listDeadLetters(shop.kafka, shop.pool, [topic])).map(({ key }) => String(key))

  await createTopics(shop.kafka, [created])
  await bury('first')
  const letters = await listDeadLetters(shop.kafka, shop.pool, [topic])
  await redrive(shop.kafka, shop.pool, letters)
  expect(await keys()).toEqual([])

  await shop.admin.deleteTopics({ topics: [topic] })
  for (const node of shop.config.KAFKA_BOOTSTRAP_SERVERS)
    await expect.poll(() => partitionsOf([node], [topic]).catch(() => 'forgotten')).toBe('forgotten')
  await createTopics(shop.kafka, [created])
  await bury('second')
  expect(await keys()).toEqual(['second'])
  await redrive(shop.kafka, shop.pool, await listDeadLetters(shop.kafka, shop.pool, [topic]))
  expect(await keys()).toEqual([])
})
