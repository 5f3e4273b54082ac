import { randomUUID } from 'node:crypto'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createDatabase, dropDatabase } from '../rig/databases.ts'
import { newShop } from './fixtures.ts'
import { createTables, openDatabase } from './database.ts'
import { forgetOld, RETENTION_DAYS } from './forgetting.ts'
import { probe } from './probe.ts'

/** The ids of two groups: one of each age in days. */
async function inbox(ages: number[]) {
  const url = await createDatabase(inject('services').DATABASE_URL)
  const pool = openDatabase(url)
  onTestFinished(async () => {
    await pool.end()
    await dropDatabase(url)
  })
  await createTables(pool)
  for (const group of ['mine', 'other'])
    await pool.query(
      `insert into consumers.processed (group_id, source, event_id, processed_at)
       select $1, '/products', n, now() - make_interval(secs => age * 86400)
       from unnest($2::float[]) with ordinality as _ (age, n)`,
      [group, ages],
    )
  const left = async (group: string) =>
    (await pool.query('select from consumers.processed where group_id = $1', [group])).rowCount
  return { pool, left }
}

test('ids that are older than the retention are forgotten, in batches, and those of other groups are not', async () => {
  const young = [0, 7, RETENTION_DAYS - 0.1]
  const old = Array.from({ length: 25 }, (_, index) => RETENTION_DAYS + 0.1 + index)
  const { pool, left } = await inbox([...old, ...young])
  expect(await forgetOld(pool, 'mine', { batch: 10 })).toBe(old.length)
  expect(await left('mine')).toBe(young.length)
  expect(await left('other')).toBe(old.length + young.length)
})

test('members that forget at once, or while another one holds a row, do not wait for each other', async () => {
  const { pool, left } = await inbox(Array.from({ length: 50 }, () => RETENTION_DAYS + 1))
  const holder = await pool.connect()
  await holder.query('begin')
  await holder.query("select from consumers.processed where group_id = 'mine' and event_id = '7' for update")
  await forgetOld(pool, 'mine', { batch: 5 })
  expect(await left('mine')).toBe(1)
  await holder.query('rollback')
  holder.release()
  await Promise.all([forgetOld(pool, 'mine', { batch: 5 }), forgetOld(pool, 'mine', { batch: 5 })])
  expect(await left('mine')).toBe(0)
})

test('a member forgets when it starts, and what comes again within the retention is a duplicate', async () => {
  const shop = await newShop()
  const claim = (id: string, days: number) =>
    shop.pool.query(`insert into consumers.processed values ($1, '/products', $2, now() - make_interval(days => $3))`, [
      shop.group('late'),
      id,
      days,
    ])
  const [late, gone] = [randomUUID(), randomUUID()]
  await claim(late, RETENTION_DAYS - 1)
  await claim(gone, RETENTION_DAYS + 1)
  const member = await shop.join(probe('late'))
  const remembered = async () =>
    (await shop.pool.query<{ event_id: string }>('select event_id from consumers.processed')).rows
  await expect.poll(remembered).toEqual([{ event_id: late }])
  await shop.publish([
    { product_id: 1, id: late },
    { product_id: 1, id: late, headers: { 'replay-for': shop.group('late') } },
  ])
  await expect.poll(member.outcomesInTime).toEqual(['duplicate', 'duplicate'])
  expect(await shop.effects('late')).toEqual([])
})
