import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { writeConfigs } from './configs.ts'

/** What makes `wrangler dev` run the gateway and the functions: their configurations, and .env, which it looks for beside them. */
export async function splitArguments(root: string, folder: string) {
  const files = ['.env', '.env.local'].map((name) => join(root, name)).filter(existsSync)
  const configs = await writeConfigs(root, folder)
  return [...configs.flatMap((path) => ['--config', path]), ...files.flatMap((path) => ['--env-file', path])]
}
