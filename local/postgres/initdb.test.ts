import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCluster } from './initdb.ts'
import { newFolder } from './fixtures.ts'

test('files that cannot be made leave nothing behind, no password either', async () => {
  const folder = await newFolder()
  await expect(createCluster('/nowhere', join(folder, 'cluster'), {})).rejects.toThrow('ENOENT')
  expect(await readdir(folder)).toEqual([])
})
