// Three nodes of the emulator in a process of their own: one argument, their ports and folder as JSON. Says a line when they answer, and takes
// commands over the channel to its parent.

import * as z from 'zod'
import { startKafka } from '../../kafka/server.ts'

const Options = z.object({ ports: z.array(z.number()), folder: z.string() })
const Told = z.object({ id: z.number(), command: z.tuple([z.string()], z.union([z.string(), z.number()])) })

const kafka = await startKafka({ ...Options.parse(JSON.parse(process.argv[2] ?? '')), log: () => {} })
process.on('message', (message) => {
  const { id, command } = Told.parse(message)
  const [name] = command
  process.send?.({ done: id, error: `${name}: unknown` })
})
console.log(kafka.brokers.join())
