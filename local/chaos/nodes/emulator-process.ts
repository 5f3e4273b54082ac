// Three nodes of the emulator in a process of their own: one argument, their ports and folder as JSON. Says a line when
// they answer, and takes commands over the channel to its parent.

import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'
import { startNodes } from '../../kafka/nodes.ts'

const Options = z.object({ ports: z.array(z.number()), folder: z.string() })
const id = z.number()
const partition = [z.string(), z.number()] as const
const Told = z.object({
  id,
  command: z.union([
    z.tuple([z.enum(['down', 'up', 'isolate', 'rejoin']), id]),
    z.tuple([z.literal('kill'), id, z.number()]), // ms until the others notice
    z.tuple([z.enum(['withhold', 'restore']), ...partition]),
    z.tuple([z.literal('moveLeader'), ...partition, id]),
  ]),
})
type Command = z.infer<typeof Told>['command']

const nodes = await startNodes({ ...Options.parse(JSON.parse(process.argv[2] ?? '')), log: () => {} })
process.on('message', (message) => {
  const told = Told.parse(message)
  obey(told.command).then(
    () => process.send?.({ done: told.id }),
    (error: unknown) => process.send?.({ done: told.id, error: String(error) }),
  )
})
console.log(nodes.brokers.join())

async function obey(command: Command): Promise<void> {
  switch (command[0]) {
    case 'moveLeader':
      return nodes.moveLeader(command[1], command[2], command[3])
    case 'kill':
      return nodes.kill(command[1], setTimeout(command[2]))
    case 'withhold':
    case 'restore':
      return nodes[command[0]](command[1], command[2])
    default:
      return nodes[command[0]](command[1])
  }
}
