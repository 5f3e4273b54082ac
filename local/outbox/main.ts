// `npm run outbox`, not only local: it works on any database. Verbs for events that wait, are held back or are dead.

import { type Command, parseCommand, USAGE, UsageError } from './arguments.ts'
import { drop, redrive, release } from './change.ts'
import { confirm } from './confirm.ts'
import { connect, databaseName, databaseUrl, sentence } from './database.ts'
import { type Answer, dropQuestion, format } from './format.ts'
import { list, status } from './look.ts'

process.stdout.on('error', () => {}) // the reader may have seen enough

const args = process.argv.slice(2)
try {
  if (args.includes('--help')) console.log(USAGE)
  else {
    const command = parseCommand(args)
    const answer = await run(command)
    console.log(command.json ? JSON.stringify(answer, null, 2) : format(answer))
  }
} catch (error) {
  const isUsage = error instanceof UsageError
  console.error(`npm run outbox: ${sentence(error)}`)
  if (isUsage && !args.length) console.error(USAGE)
  process.exitCode = isUsage ? 2 : 1
}

async function run({ asked, source }: Command): Promise<Answer> {
  if (asked.verb === 'drop' && !asked.yes && !asked.dryRun && !process.stdin.isTTY)
    throw new UsageError(
      'drop cannot ask here, as there is no terminal: --yes drops without a question, --dry-run says what',
    )
  const url = await databaseUrl(source)
  await using client = await connect(url)
  switch (asked.verb) {
    case 'status':
      return { verb: 'status', database: databaseName(url), ...(await status(client)) }
    case 'list':
      return { verb: 'list', ...(await list(client, asked)) }
    case 'redrive':
      return { verb: 'redrive', dry_run: asked.dryRun, redriven: await redrive(client, asked) }
    case 'release':
      return { verb: 'release', dry_run: asked.dryRun, released: await release(client, asked) }
    case 'drop': {
      const dropped = await drop(client, asked, async (count) => {
        const question = dropQuestion(count, databaseName(url))
        const terminal = { input: process.stdin, output: process.stderr } // stdout is for the answer
        return asked.yes || confirm(question, terminal)
      })
      if (!dropped) throw new Error('nothing was dropped')
      return { verb: 'drop', dry_run: asked.dryRun, ...dropped }
    }
  }
}
