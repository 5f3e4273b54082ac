import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** The text of each service, by its name. */
async function services() {
  const text = await readFile(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8')
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
