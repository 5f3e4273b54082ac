import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

/**
 * What the files .env and .env.local say, and before them the shell, as for a plain `wrangler dev`. Set but empty is
 * not set.
 */
export async function readVariables(root: string, shell: NodeJS.ProcessEnv) {
  const [common, own] = await Promise.all(
    ['.env', '.env.local'].map((name) => readFile(join(root, name), 'utf8').catch(() => '')),
  )
  const asked = definite({ ...parseEnv(own ?? ''), ...definite(shell) })
  return {
    values: { ...definite(parseEnv(common ?? '')), ...asked },
    /** Whether somebody has said who may use the API: .env comes with the project. */
    tokensAsked: asked.API_TOKENS !== undefined,
  }
}

function definite(variables: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => (value ? [[name, value]] : [])))
}
