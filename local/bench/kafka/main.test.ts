import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('an option that is no number starts nothing', async () => {
  const args = ['--no-warnings', join(import.meta.dirname, 'main.ts'), '--rounds', 'many']
  await expect(promisify(execFile)(process.execPath, args)).rejects.toMatchObject({
    stderr: 'npm run kafka:bench: --rounds is a whole number from 1 to 1000\n',
  })
})
