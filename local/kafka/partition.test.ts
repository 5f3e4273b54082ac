import { expect, test } from 'vitest'
import { elect, electPreferred, handOver, NOBODY } from './partition.ts'

const partition = { replicas: [0, 1, 2], isr: [0, 1, 2], leader: 0, epoch: 5, withheld: false }

test.each([
  ['nothing has happened', {}, [0, 1, 2], { leader: 0, epoch: 5, isr: [0, 1, 2] }],
  ['a follower is gone', {}, [0, 1], { leader: 0, epoch: 5, isr: [0, 1] }],
  ['the leader is gone', {}, [1, 2], { leader: 1, epoch: 6, isr: [1, 2] }],
  [
    'the leader is gone, and the next replica is not in sync',
    { isr: [0, 2] },
    [1, 2],
    { leader: 2, epoch: 6, isr: [1, 2] },
  ],
  ['the last in sync is gone, and another lives', { isr: [0] }, [1, 2], { leader: NOBODY, epoch: 6, isr: [0] }],
  ['all are gone', {}, [], { leader: NOBODY, epoch: 6, isr: [0, 1, 2] }],
  ['another than the last in sync is back', { isr: [0], leader: NOBODY }, [1], { leader: NOBODY, epoch: 5, isr: [0] }],
  ['the last in sync is back', { isr: [0], leader: NOBODY }, [0, 1], { leader: 0, epoch: 6, isr: [0, 1] }],
  ['the preferred leader is back', { isr: [1, 2], leader: 1 }, [0, 1, 2], { leader: 1, epoch: 5, isr: [0, 1, 2] }],
  ['it is withheld', { withheld: true }, [0, 1, 2], { leader: NOBODY, epoch: 6, isr: [0, 1, 2] }],
])('a leader is elected where %s', (_, before, live, after) => {
  expect(elect({ ...partition, ...before }, new Set(live))).toEqual(after)
})

test.each([
  ['it is back', { isr: [1, 2], leader: 1 }, [0, 1, 2], { leader: 0, epoch: 6, isr: [0, 1, 2] }],
  ['it leads already', {}, [0, 1, 2], { leader: 0, epoch: 5, isr: [0, 1, 2] }],
  ['it is down', { isr: [1, 2], leader: 1 }, [1, 2], { leader: 1, epoch: 5, isr: [1, 2] }],
  [
    'the partition is withheld',
    { withheld: true, leader: NOBODY },
    [0, 1, 2],
    { leader: NOBODY, epoch: 5, isr: [0, 1, 2] },
  ],
])('the preferred leader leads, when asked, where it can: %s', (_, before, live, after) => {
  expect(electPreferred({ ...partition, ...before }, new Set(live))).toEqual(after)
})

test('a handed over partition is in a new epoch, and only if its leader is another', () => {
  const live = new Set([0, 1, 2])
  expect(handOver(partition, 2, live)).toEqual({ leader: 2, epoch: 6, isr: [0, 1, 2] })
  expect(handOver(partition, 0, live)).toEqual({ leader: 0, epoch: 5, isr: [0, 1, 2] })
})
