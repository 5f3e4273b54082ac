import type { Experiment } from '../experiments.ts'

type Text = { name: Experiment; title: string; todo: string; expect: string }

/** What to do, and what to expect. The console ticks each when it has seen it happen. */
export const EXPERIMENTS: Text[] = [
  {
    name: 'first',
    title: 'Follow one product',
    todo: 'Send a product with the form, and press “see its way”.',
    expect:
      'a row and an event, committed together; the event leaves the outbox some ms later; a record with a partition and an offset.',
  },
  {
    name: 'same',
    title: 'One key, one partition',
    todo: 'Choose a product, and change its price a few times.',
    expect: 'all its changes in one partition of products.changed, in their order, as they have one key.',
  },
  {
    name: 'share',
    title: 'Share the work',
    todo: 'Start stock, then add a second member.',
    expect: 'a rebalance: everybody stops, and each member gets half of the partitions.',
  },
  {
    name: 'idle',
    title: 'One member too many',
    todo: 'Add members to stock until there are seven.',
    expect: 'six have a partition of each topic, and the seventh idles: a partition has one reader of a group.',
  },
  {
    name: 'leave',
    title: 'Leave in order',
    todo: 'Stop a member.',
    expect: 'it commits and says goodbye, and the others have its partitions at once.',
  },
  {
    name: 'kill',
    title: 'Pull the plug',
    todo: 'Press “50 a second”, and kill a member.',
    expect:
      'its partitions stand still until Kafka misses its heartbeats. Then the others take over where it had committed.',
  },
  {
    name: 'lag',
    title: 'Fall behind, and catch up',
    todo: 'Press “slow” at a member and “add 100”. Then press “slow” again.',
    expect: 'the lag of that group grows while the others go on, and shrinks to 0.',
  },
  {
    name: 'broker',
    title: 'Lose the broker',
    todo: 'Pause the broker, send products, and let it go on.',
    expect: 'every POST is still answered 201. The outbox fills, and drains when the broker is back: nothing is lost.',
  },
  {
    name: 'again',
    title: 'See it twice, do it once',
    todo: 'At stock press “move the group” and “back by 100”, stop its members, really move it, and start it again.',
    expect: '“37 seen again, 0 done again”: each counts as a duplicate, as the group remembers what it has done.',
  },
  {
    name: 'poison',
    title: 'A bad record',
    todo: 'Press “send a bad record”.',
    expect: 'each group sets it aside as a dead letter, with the reason, and goes on with the next record.',
  },
]
