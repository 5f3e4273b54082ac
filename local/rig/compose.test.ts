import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { composeServices, copyImage } from './image.ts'

test('docker compose up starts no GUI that is open to all, and nothing listens beyond this machine', async () => {
  const { 'kafka-ui': gui, ...others } = await composeServices()
  expect(gui).toMatch(/^ {4}profiles: \[gui\]/m)
  expect(Object.keys(others)).toEqual(['postgres', 'migrate', 'neon-proxy', 'kafka', 'console'])
  for (const text of Object.values(others)) expect(text).not.toContain('profiles:')
  const published = [...Object.values(others), gui ?? ''].join('').matchAll(/^ {4}ports: (.*)$/gm)
  const addresses = [...published].map(([, ports = '']) => ports)
  for (const ports of addresses) expect(ports).toMatch(/^\['127\.0\.0\.1:\d+:\d+'\]$/)
  expect(new Set(addresses.map((ports) => ports.split(':')[1])).size).toBe(5)
})

test("the role that everything logs in as is none of the server's own: its first start makes it", async () => {
  const { postgres } = await composeServices()
  expect(postgres).toContain('./local/postgres/docker-roles.sql:/docker-entrypoint-initdb.d/')
  expect(postgres).not.toContain('POSTGRES_USER')
})

test('the image has all that its programs import, and Docker is given all that the image copies', async () => {
  await using image = await copyImage()
  expect(image.given.toSorted()).toEqual(image.copied.toSorted())
  const run = (program: string, ...args: string[]) =>
    promisify(execFile)(process.execPath, [join(image.folder, program), ...args], { env: { PATH: process.env.PATH } })
  await expect(run('local/deploy/migrate.ts')).rejects.toThrow('DATABASE_URL is missing')
  await expect(run('local/neon-proxy/main.ts', '--port', 'none')).rejects.toThrow('"none" is not a port')
  await expect(run('local/console/main.ts', '--port')).rejects.toThrow('Unknown option')
})

test('the image installs every package that its programs import, with none of development', async () => {
  await using image = await copyImage()
  const { dependencies } = JSON.parse(await readFile(join(image.folder, 'package.json'), 'utf8'))
  const packages = await image.packages()
  expect(packages).toEqual(expect.arrayContaining(['kafkajs', 'lit-html', 'pg', 'zod']))
  expect(packages.filter((name) => !(name in dependencies))).toEqual([])
})
