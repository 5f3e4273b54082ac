// A stack of its own for a program that tries the API from outside: services, and the whole API before them.

import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfigs, writeConfigs } from '../dev/configs.ts'
import { startServices } from '../dev/services.ts'
import { startWrangler } from '../dev/wrangler.ts'
import { freePort } from '../machine/ports.ts'

/** Runs `use` with the API's address, its one token, and a folder for whatever is made there; then stops everything. */
export async function withOwnStack<T>(use: (stack: { url: string; token: string; folder: string }) => Promise<T>) {
  const token = randomUUID()
  const folder = await mkdtemp(join(tmpdir(), 'product-api-stack-'))
  const services = await startServices({ folder, ports: { postgres: 0, neonProxy: 0, kafka: 0 }, log: () => {} })
  const values = {
    ...services.env,
    DATABASE_URL: services.roles.writer,
    API_TOKENS: createHash('sha256').update(token).digest('hex'),
  }
  const wrangler = startWrangler({
    port: await freePort('API', 0, console.log),
    inspectorPort: await freePort('Inspector', 0, console.log),
    ...(await writeConfigs(
      await readConfigs(join(import.meta.dirname, '../..'), '', false),
      values,
      join(folder, 'wrangler'),
    )),
    args: ['--log-level', 'error', '--show-interactive-dev-session=false'],
  })
  try {
    await Promise.race([wrangler.answers(), wrangler.ended()])
    return await use({ url: wrangler.url, token, folder })
  } finally {
    await wrangler.stop()
    await services.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
