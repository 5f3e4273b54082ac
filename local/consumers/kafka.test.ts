import { expect, test } from 'vitest'
import { newShop } from './fixtures.ts'
import { createTopics, deadLetterTopic } from './kafka.ts'

test('topics are made that a broker still lists, though they were deleted', async () => {
  const shop = await newShop()
  const [created = ''] = shop.topics
  let looks = 0
  const admin = shop.kafka.admin()
  const listTopics = async () => [...(await admin.listTopics()), ...(looks++ < 2 ? [deadLetterTopic(created)] : [])]
  const late = Object.assign(Object.create(shop.kafka), { admin: () => ({ ...admin, listTopics }) })

  const made = await createTopics(late, [created])
  expect(Object.fromEntries(made)).toEqual({ [created]: 6, [deadLetterTopic(created)]: 6 })
  expect(await shop.admin.listTopics()).toContain(deadLetterTopic(created))
})
