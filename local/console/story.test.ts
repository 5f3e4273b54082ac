import { expect, test } from 'vitest'
import type { MemberReport } from '../consumers/reports.ts'
import { openStory } from './story.ts'

const AT = 1_700_000_000_000
type Step = { member: string; at: number } & Record<string, unknown>

/** The chapters, oldest first, after these reports. */
function tell(steps: (Step & { what: MemberReport['what'] })[]) {
  const story = openStory()
  for (const step of steps) story.tell({ app: 'stock', ...step, at: AT + step.at } as MemberReport)
  return story.chapters().toReversed()
}

const joined = (member: string, at: number, partitions: number[]) =>
  ({
    what: 'joined',
    member,
    at,
    memberId: member,
    isLeader: false,
    took: 1,
    assignment: partitions.length ? { created: partitions } : {},
  }) as const
const heartbeat = (member: string, at: number) =>
  ({ what: 'heartbeat', member, at, memberId: member, generation: 1 }) as const
const two = [
  joined('stock-1', 0, [0, 1, 2]),
  joined('stock-2', 5, [3, 4, 5]),
  heartbeat('stock-1', 900),
  heartbeat('stock-2', 1_000),
]

test('a member that is killed is missed when its session is over, and the story says until when', () => {
  const chapters = tell([
    ...two,
    { what: 'ended', member: 'stock-2', at: 1_500, pid: 1, by: 'kill', code: null, signal: 'SIGKILL' },
    { what: 'rebalancing', member: 'stock-1', at: 11_000, memberId: 'stock-1' },
    joined('stock-1', 11_500, [0, 1, 2, 3, 4, 5]),
  ])
  const died = chapters.find(({ kind }) => kind === 'died')
  expect(died).toMatchObject({ until: AT + 11_000, groupId: 'stock' })
  expect(died?.sentence).toContain('stock-2 was killed')
  expect(died?.sentence).toContain('3 partitions stand still')
  expect(chapters.at(-1)).toMatchObject({
    kind: 'shared',
    sentence: '3 partitions moved: stock-1 has 6. Nobody worked on them for 10.0 s.',
  })
})

test('the story of a rebalance says which partitions went from whom to whom, and what generation the group is in', () => {
  const chapters = tell([
    ...two,
    { what: 'ended', member: 'stock-2', at: 1_500, pid: 1, by: 'kill', code: null, signal: 'SIGKILL' },
    joined('stock-1', 11_500, [0, 1, 2, 3, 4, 5]),
    { ...heartbeat('stock-1', 12_000), generation: 2 },
  ])
  expect(chapters.at(-1)).toMatchObject({
    generation: 2,
    moves: [{ from: 'stock-2', to: 'stock-1', topic: 'created', partitions: [3, 4, 5] }],
  })
})

test('of the last member that leaves is said that nobody is left', () => {
  const chapters = tell([
    joined('stock-1', 0, [0, 1, 2]),
    heartbeat('stock-1', 900),
    { what: 'left', member: 'stock-1', at: 1_500 },
    { what: 'ended', member: 'stock-1', at: 1_600, pid: 1, by: 'stop', code: 0, signal: null },
  ])
  expect(chapters.at(-1)?.sentence).toBe('stock-1 has committed and left: nobody is left to read its 3 partitions.')
})

test('of the last member that is killed is said when Kafka has missed it, and what to do', () => {
  const story = openStory()
  const group = (members: string[]) => ({
    groupId: 'stock',
    state: members.length ? 'Stable' : 'Empty',
    committed: {},
    members: members.map((memberId) => ({ memberId, clientId: memberId, host: '', assignment: {} })),
  })
  const see = (members: string[], at: number) => story.see([group(members)], () => true, AT + at)
  const killed = {
    what: 'ended',
    app: 'stock',
    member: 'stock-1',
    pid: 1,
    by: 'kill',
    code: null,
    signal: 'SIGKILL',
  } as const
  story.tell({ app: 'stock', ...joined('stock-1', AT, []), assignment: { created: [0, 1, 2] } })
  story.tell({ app: 'stock', ...heartbeat('stock-1', AT + 900) })
  story.tell({ ...killed, at: AT + 1_500 })
  see(['stock-1'], 2_000) // it is in the group as long as its session lasts
  expect(story.chapters()[0]?.kind).toBe('died')
  see([], 11_000)
  see([], 11_500)
  const sentence = 'Its session is over, and Kafka has missed it. Nobody is left to read 3 partitions: add a member.'
  expect(story.chapters().map(({ sentence }) => sentence)).toEqual([
    sentence,
    expect.stringContaining('stock-1 was killed'),
    expect.stringContaining('shared out'),
  ])
})

test('a member that leaves in order is not waited for', () => {
  const chapters = tell([
    ...two,
    { what: 'left', member: 'stock-2', at: 1_500 },
    { what: 'ended', member: 'stock-2', at: 1_600, pid: 1, by: 'stop', code: 0, signal: null },
    joined('stock-1', 1_900, [0, 1, 2, 3, 4, 5]),
  ])
  expect(chapters.some(({ kind }) => kind === 'died')).toBe(false)
  expect(chapters.find(({ kind }) => kind === 'left')?.sentence).toBe(
    'stock-2 has committed and left: the others get 3 partitions at once.',
  )
})

test('a member that crashes is missed like one that was killed', () => {
  const chapters = tell([
    ...two,
    { what: 'ended', member: 'stock-2', at: 1_500, pid: 1, by: 'itself', code: 1, signal: null },
    { what: 'waiting', member: 'stock-2', at: 1_501, ms: 1_000, restarts: 1 },
  ])
  expect(chapters.find(({ kind }) => kind === 'died')?.sentence).toContain('stock-2 has crashed')
  expect(chapters.at(-1)?.sentence).toContain('started again in 1.0 s')
})

test('the members of one generation make one chapter, and who has nothing idles', () => {
  const chapters = tell([joined('stock-1', 0, [0, 1, 2]), joined('stock-2', 40, [3, 4, 5]), joined('stock-3', 90, [])])
  expect(chapters).toHaveLength(1)
  expect(chapters[0]?.sentence).toBe('Partitions shared out: stock-1 has 3, stock-2 has 3, stock-3 has none and idles.')
})

test('of a group that is run elsewhere it is told who came and who went', () => {
  const story = openStory()
  const member = (memberId: string) => ({ memberId, clientId: 'billing', host: '', assignment: {} })
  const see = (members: ReturnType<typeof member>[]) =>
    story.see([{ groupId: 'billing', state: 'Stable', committed: {}, members }], () => false, AT)
  see([member('billing-a')])
  see([member('billing-a'), member('billing-b')])
  see([member('billing-b')])
  expect(story.chapters().map(({ sentence }) => sentence)).toEqual([
    'billing-a went: 1 member now.',
    'billing-b came: 2 members now.',
  ])
})

test('the story does not grow without end', () => {
  const many = Array.from(
    { length: 500 },
    (_, i) => ({ what: 'started', member: `stock-${i}`, at: i, pid: 1 }) as const,
  )
  expect(tell(many).length).toBeLessThanOrEqual(40)
})
