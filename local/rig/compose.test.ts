import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** The text of each service, by its name. */
async function services() {
  const text = await readFile(join(root, 'docker-compose.yml'), 'utf8')
  const [, ...parts] = text.slice(text.indexOf('\nservices:'), text.indexOf('\nvolumes:')).split(/^ {2}([\w-]+):$/m)
  return Object.fromEntries(parts.flatMap((name, i) => (i % 2 ? [] : [[name, parts[i + 1] ?? '']])))
}

test('docker compose up starts no GUI that is open to all, and nothing listens beyond this machine', async () => {
  const { 'kafka-ui': gui, ...others } = await services()
  expect(gui).toMatch(/^ {4}profiles: \[gui\]/m)
  expect(Object.keys(others)).toEqual(['postgres', 'migrate', 'neon-proxy', 'kafka'])
  for (const text of Object.values(others)) expect(text).not.toContain('profiles:')
  for (const [, ports = ''] of [...Object.values(others), gui ?? ''].join('').matchAll(/^ {4}ports: (.*)$/gm))
    expect(ports).toMatch(/^\['127\.0\.0\.1:\d+:\d+'\]$/)
})

test("the role that everything logs in as is none of the server's own: its first start makes it", async () => {
  const { postgres } = await services()
  expect(postgres).toContain('./local/postgres/docker-roles.sql:/docker-entrypoint-initdb.d/')
  expect(postgres).not.toContain('POSTGRES_USER')
})

test('the image has all that its programs import, and Docker is given all that the image copies', async () => {
  const dockerfile = await readFile(join(root, 'local/Dockerfile'), 'utf8')
  const given = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n').filter((line) => line.startsWith('!'))
  const image = await mkdtemp(join(tmpdir(), 'image-'))
  onTestFinished(() => rm(image, { recursive: true }))
  await symlink(join(root, 'node_modules'), join(image, 'node_modules'))
  for (const [, words = ''] of dockerfile.matchAll(/^COPY (.+)$/gm)) {
    const [to = '', ...from] = words.split(' ').toReversed()
    expect(given).toEqual(expect.arrayContaining(from.map((path) => `!${path}`)))
    for (const path of from)
      await cp(join(root, path), join(image, to, to.endsWith('/') ? basename(path) : ''), { recursive: true })
  }
  const run = (program: string, ...args: string[]) =>
    promisify(execFile)(process.execPath, [join(image, program), ...args], { env: { PATH: process.env.PATH } })
  await expect(run('local/deploy/migrate.ts')).rejects.toThrow('DATABASE_URL is missing')
  await expect(run('local/neon-proxy/main.ts', '--port', 'none')).rejects.toThrow('--port')
})
