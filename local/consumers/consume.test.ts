import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { stock } from './apps/stock.ts'
import { newShop } from './fixtures.ts'
import { listDeadLetters, redrive } from './redrive.ts'
import { mend, probe } from './probe.ts'
import { deadLetterTopic } from './kafka.ts'

test('five members share the six partitions of each topic, a seventh idles, and each event is done by one of them', async () => {
  const shop = await newShop()
  const app = probe('shared')
  const members = await Promise.all(Array.from({ length: 5 }, (_, index) => shop.join(app, `shared-${index + 1}`)))
  const held = () =>
    members.map((member) => member.share()).map((share) => (share?.what === 'joined' ? share.assignment : undefined))
  const [created = '', changed = ''] = shop.topics
  const rest = [1, 2, 3, 4].map((partition) => ({ [created]: [partition], [changed]: [partition] }))
  await expect.poll(held).toEqual([{ [created]: [0, 5], [changed]: [0, 5] }, ...rest])

  const ids = await shop.publish(Array.from({ length: 30 }, (_, index) => ({ product_id: index + 1 })))
  await expect.poll(() => shop.effects('shared')).toHaveLength(30)
  expect((await shop.effects('shared')).toSorted()).toEqual(ids.toSorted())
  for (const member of members) expect(member.records()).not.toEqual([])

  members.push(await shop.join(app, 'shared-6'), await shop.join(app, 'shared-7'))
  const six = [0, 1, 2, 3, 4, 5].map((partition) => ({ [created]: [partition], [changed]: [partition] }))
  await expect.poll(held).toEqual([...six, {}])
  await shop.publish(Array.from({ length: 30 }, (_, index) => ({ product_id: index + 100 })))
  await expect.poll(() => shop.effects('shared')).toHaveLength(60)
  expect(members[6]?.records()).toEqual([])
})

test('an event that comes twice is done once, and the offset of both is committed', async () => {
  const shop = await newShop()
  const member = await shop.join(probe('twice'))
  const id = randomUUID()
  await shop.publish([
    { product_id: 1, id },
    { product_id: 1, id },
  ])
  await expect.poll(member.outcomesInTime).toEqual(['done', 'duplicate'])
  expect(await shop.effects('twice')).toEqual([id])
  await expect.poll(() => shop.committed(shop.group('twice')).then(Object.values)).toEqual(['2'])
})

test('a late older event never undoes a newer one, nor brings back what is deleted', async () => {
  const shop = await newShop()
  const member = await shop.join(stock)
  const units = async () => (await shop.pool.query('select product_id, units, value from consumers.stock')).rows
  await shop.publish([{ product_id: 1, type: 'updated', version: 3, quantity: 30, price: '2.00' }])
  await expect.poll(units).toEqual([{ product_id: '1', units: 30, value: '60.00' }])
  await shop.publish([
    { product_id: 1, type: 'updated', version: 2, quantity: 20 },
    { product_id: 1, quantity: 10 },
  ])
  await expect.poll(member.outcomesInTime).toEqual(['done', 'outdated', 'outdated'])
  expect(await units()).toEqual([{ product_id: '1', units: 30, value: '60.00' }])

  await shop.publish([{ product_id: 1, type: 'deleted', version: 4 }])
  await expect.poll(units).toEqual([])
  await shop.publish([{ product_id: 1, type: 'updated', version: 3 }])
  await expect.poll(member.outcomesInTime).toEqual(['done', 'outdated', 'outdated', 'done', 'outdated'])
  expect(await units()).toEqual([])
})

test('what can never work is a dead letter with all it had, and is sent again to one group only', async () => {
  const shop = await newShop()
  const [failing, other] = [await shop.join(probe('failing')), await shop.join(probe('other'))]
  await mend(shop.pool, 'other', 'poison')
  const [created = ''] = shop.topics
  const dead = shop.topics.map(deadLetterTopic)
  const [id = ''] = await shop.publish([
    { product_id: 1, pname: 'poison', headers: { traceparent: 'of the request' }, partition: 4 },
    { product_id: 2, partition: 4 },
  ])
  await expect.poll(failing.outcomesInTime).toEqual(['dead', 'done'])
  await expect.poll(other.outcomesInTime).toEqual(['done', 'done'])
  await expect.poll(() => shop.committed(shop.group('failing'))).toMatchObject({ [`${created}:4`]: '2' })

  const attempts = 1 + failing.outcomes().indexOf('dead') // one, where the database was in time
  const letters = await listDeadLetters(shop.kafka, shop.pool, dead)
  const [letter] = letters
  expect(letters).toHaveLength(1)
  expect(letter?.key?.toString()).toBe('1')
  expect(JSON.parse(String(letter?.value))).toMatchObject({ pname: 'poison', product_id: 1 })
  const headers = Object.fromEntries(
    Object.entries(letter?.headers ?? {}).map(([name, value]) => [name, String(value)]),
  )
  expect(headers).toEqual({
    ce_id: id,
    ce_source: '/products',
    'content-type': 'application/json',
    traceparent: 'of the request',
    '__dlq.errors.topic': created,
    '__dlq.errors.partition': '4',
    '__dlq.errors.offset': '0',
    '__dlq.errors.group': shop.group('failing'),
    '__dlq.errors.delivery.count': String(attempts),
    '__dlq.errors.message': 'it is poison',
    '__dlq.errors.exception': 'Poison',
    '__dlq.errors.timestamp': expect.stringMatching(/^2\d{3}-.*Z$/),
  })
  expect(letter).toMatchObject({ topic: deadLetterTopic(created), partition: 4 })

  await redrive(shop.kafka, shop.pool, letters) // it fails again: nothing was mended
  await expect.poll(() => failing.outcomes().filter((outcome) => outcome === 'dead')).toHaveLength(2)
  const again = await listDeadLetters(shop.kafka, shop.pool, dead)
  expect(again.map(({ source }) => source)).toEqual([{ topic: created, partition: 4, offset: '2' }])
  await mend(shop.pool, 'failing', 'poison')
  await redrive(shop.kafka, shop.pool, again)
  await expect.poll(() => shop.effects('failing')).toContain(id)
  expect(await listDeadLetters(shop.kafka, shop.pool, dead)).toEqual([])
  await expect.poll(other.outcomesInTime).toEqual(['done', 'done', 'skipped', 'skipped'])
})

test('a group that skips what was sent again to another remembers nothing of it', async () => {
  const shop = await newShop()
  const member = await shop.join(probe('mine'))
  const id = randomUUID()
  await shop.publish([
    { product_id: 1, id, headers: { 'replay-for': 'another' } },
    { product_id: 1, id, headers: { 'replay-for': shop.group('mine') } },
  ])
  await expect.poll(member.outcomesInTime).toEqual(['skipped', 'done'])
  expect(await shop.effects('mine')).toEqual([id])
})

test.each([
  ['no JSON', { value: '{', headers: { ce_id: 'a' } }],
  ['bytes that are no text', { value: Buffer.from([0xff, 0xfe]), headers: { ce_id: 'a' } }],
  ['a value of another kind', { value: '{"type":"order.created"}', headers: { ce_id: 'a' } }],
  ['no id', { value: '{"type":"product.created"}' }],
  ['no value', { value: null, headers: { ce_id: 'a' } }],
])('a record with %s is a dead letter, byte for byte, and the next one is done', async (_, message) => {
  const shop = await newShop()
  const member = await shop.join(probe('strict'))
  const [created = ''] = shop.topics
  await shop.send(created, { key: 'k', partition: 0, ...message })
  await shop.publish([{ product_id: 1, partition: 0 }])
  await expect.poll(member.outcomesInTime).toEqual(['dead', 'done'])
  const [letter] = await listDeadLetters(shop.kafka, shop.pool, [deadLetterTopic(created)])
  expect(letter?.value).toEqual(message.value === null ? null : Buffer.from(message.value))
})

test('what fails for now holds back its own partition, in order, and no other', async () => {
  const shop = await newShop()
  const member = await shop.join(probe('patient'))
  const [created = ''] = shop.topics
  const [waiting = '', behind = ''] = await shop.publish([
    { product_id: 1, pname: 'wait', partition: 0 },
    { product_id: 2, partition: 0 },
  ])
  await expect.poll(member.outcomesInTime).toContain('retry')
  const others = await shop.publish(
    Array.from({ length: 20 }, (_, index) => ({ product_id: 10 + index, partition: 1 + (index % 5) })),
  )
  await expect.poll(() => shop.effects('patient')).toHaveLength(20)
  expect((await shop.effects('patient')).toSorted()).toEqual(others.toSorted())
  await expect
    .poll(() =>
      member
        .records()
        .filter(({ outcome }) => outcome === 'retry')
        .map(({ attempt, ms }) => [attempt, ms])
        .slice(0, 3),
    )
    .toEqual([
      [1, 500],
      [2, 1_000],
      [3, 2_000],
    ])
  expect(await shop.committed(shop.group('patient'))).not.toHaveProperty([`${created}:0`])
  await mend(shop.pool, 'patient', 'wait')
  await expect.poll(() => shop.effects('patient').then((effects) => effects.slice(20))).toEqual([waiting, behind])
})

test('who stops has finished its record, committed and left when it says so, and the others take over', async () => {
  const shop = await newShop()
  const app = probe('leaving')
  const [stays, leaves] = [await shop.join(app, 'leaving-1'), await shop.join(app, 'leaving-2')]
  const held = (member: typeof stays) => {
    const share = member.share()
    return share?.what === 'joined' ? Object.values(share.assignment).flat().length : 0
  }
  await expect.poll(() => [held(stays), held(leaves)]).toEqual([6, 6])
  leaves.slow(200)
  // It leaves while they come, which may take longer than all that it does.
  const published = shop.publish(Array.from({ length: 20 }, (_, index) => ({ product_id: 1 + index, partition: 1 })))
  await expect.poll(() => leaves.outcomesInTime().length).toBeGreaterThan(2)
  await leaves.stop()
  await published
  const { length } = leaves.outcomesInTime()
  expect(length).toBeLessThan(20)
  const [created = ''] = shop.topics
  expect(await shop.committed(shop.group('leaving'))).toMatchObject({ [`${created}:1`]: String(length) })
  const { groups } = await shop.admin.describeGroups([shop.group('leaving')])
  expect(groups[0]?.members.map(({ clientId }) => clientId)).toEqual(['leaving-1']) // no session has timed out
  await expect.poll(() => held(stays)).toBe(12)
  await expect.poll(() => shop.effects('leaving')).toHaveLength(20)
  expect(stays.outcomes()).not.toContain('duplicate') // nothing is even seen twice
})
