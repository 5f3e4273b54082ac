import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'

const PASSABLE = process.getuid?.() === 0 ? 0o711 : 0o700

async function newFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'data-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

async function makeDataIn(folder: string) {
  vi.stubEnv('LOCAL_DATA', folder)
  vi.resetModules()
  onTestFinished(() => void vi.unstubAllEnvs())
  const { makeData } = await import('./data.ts')
  await makeData()
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

test('new data is for its owner alone', async () => {
  const data = join(await newFolder(), 'data')
  await makeDataIn(data)
  expect(await modeOf(data)).toBe(PASSABLE)
  for (const name of ['kafka', 'wrangler']) expect(await modeOf(join(data, name))).toBe(0o700)
})

test('a folder that was there before stays as it is, and what is in it is closed', async () => {
  const data = await newFolder()
  await mkdir(join(data, 'kafka'))
  for (const path of [data, join(data, 'kafka')]) await chmod(path, 0o755)
  await makeDataIn(data)
  expect(await modeOf(data)).toBe(0o755)
  for (const name of ['kafka', 'wrangler']) expect(await modeOf(join(data, name))).toBe(0o700)
})

test('a folder that cannot be made is named, with what to do', async () => {
  const file = join(await newFolder(), 'file')
  await writeFile(file, '')
  await expect(makeDataIn(join(file, 'data'))).rejects.toThrow(
    /^data cannot be kept: ENOTDIR.*Name a folder that you can write in LOCAL_DATA$/,
  )
})
