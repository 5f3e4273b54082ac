import { expect, test } from 'vitest'
import { type Action, decide, type Situation } from './decide.ts'

const young: Situation = {
  last: 'nothing yet',
  age: 0,
  statements: 0,
  mostStatements: 900,
  retired: false,
  youngerThere: true, // itself
  wanted: false,
  idle: false,
}
const retired = { age: 15_001, retired: true, youngerThere: false }
const tired = { ...retired, age: 18_001 }
const spent = { ...retired, age: 23_001 }

const cases: [string, Partial<Situation>, Action][] = [
  ['begins by looking', {}, 'look'],
  ['looks for the next batch when one is sent', { last: 'a batch' }, 'look'],
  ['looks once more when it has freed the lease, for those who found it taken', { last: 'freed' }, 'look'],
  ['waits where there is nothing', { last: 'nothing' }, 'wait'],
  ['looks when somebody has asked for it meanwhile', { last: 'nothing yet', wanted: true }, 'look'],
  ['stops when it has waited in vain', { last: 'nothing', idle: true }, 'stop'],
  ['stops where nobody is to try Kafka', { last: 'backoff' }, 'stop'],
  ['stops there also when it would retire', { last: 'backoff', age: 15_001 }, 'stop'],

  ['retires after 15 s', { last: 'a batch', age: 15_001 }, 'retire'],
  ['does not retire before', { last: 'a batch', age: 15_000 }, 'look'],
  [
    'retires before its statements are used up, so that others of its isolate do not count on it',
    { last: 'a batch', statements: 892 },
    'retire',
  ],
  ['does not retire before that', { last: 'a batch', statements: 891 }, 'look'],

  ['goes on when retired, as long as nobody took over', { ...retired, last: 'a batch' }, 'look'],
  ['frees the lease for a younger one', { ...retired, last: 'a batch', youngerThere: true }, 'free'],
  [
    'hands over to a younger one when the lease is free',
    { ...retired, last: 'freed', youngerThere: true },
    'hand over',
  ],
  [
    'hands over to a younger one that found the lease taken',
    { ...retired, last: 'nothing', youngerThere: true },
    'hand over',
  ],
  ['looks once more, retired, when it has freed the lease', { ...retired, last: 'freed' }, 'look'],
  ['looks once more for who asked for it before it retired', { ...retired, last: 'nothing', wanted: true }, 'look'],
  ['does not wait any more when retired', { ...retired, last: 'nothing' }, 'stop'],

  ['frees the lease after each batch from 18 s on', { ...tired, last: 'a batch' }, 'free'],
  ['looks once more even then', { ...tired, last: 'freed' }, 'look'],
  [
    'frees the lease after each batch when few statements are left',
    { ...retired, last: 'a batch', statements: 892 },
    'free',
  ],
  ['looks once more even then', { ...retired, last: 'freed', statements: 893 }, 'look'],

  ['begins nothing more after 23 s, but frees the lease', { ...spent, last: 'a batch' }, 'free'],
  ['stops after 23 s', { ...spent, last: 'freed' }, 'stop'],
  ['stops after 23 s, though somebody asked for it', { ...spent, last: 'nothing', wanted: true }, 'stop'],
  ['frees the lease with its last statement but one', { ...retired, last: 'a batch', statements: 898 }, 'free'],
  ['stops when its statements are used up', { ...retired, last: 'freed', statements: 899 }, 'stop'],
]

test.each(cases)('a publisher %s', (_, situation, action) => {
  expect(decide({ ...young, ...situation })).toBe(action)
})
