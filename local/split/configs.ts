// The gateway and the functions as Workers of their own, in one workerd: `wrangler dev` takes several configurations, but only one
// environment, so each environment of wrangler.toml becomes a configuration of its own.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import * as z from 'zod'
import { FUNCTIONS } from '../../lib/functions.ts'

const NOT_INHERITED = ['env', 'vars', 'secrets', 'ratelimits'] // https://developers.cloudflare.com/workers/wrangler/configuration/#non-inheritable-keys

const Services = z.array(z.object({ binding: z.string(), service: z.string() }))
const Config = z.looseObject({ main: z.string(), compatibility_flags: z.array(z.string()), services: Services.default([]) })
const Whole = z.looseObject({ env: z.record(z.string(), z.looseObject({})) })

/** Writes the configurations, and says where they are: first that of the Worker that has the address. */
export async function writeConfigs(root: string, folder: string) {
  const { env, ...top } = Whole.parse(parse(await readFile(join(root, 'wrangler.toml'), 'utf8')))
  const inherited = Object.fromEntries(Object.entries(top).filter(([name]) => !NOT_INHERITED.includes(name)))
  await mkdir(folder, { recursive: true })
  const names = ['gateway', ...FUNCTIONS.map(({ name }) => name)]
  return Promise.all(
    names.map(async (name) => {
      const config = Config.parse({ ...inherited, ...env[name] })
      const { main, ...rest } = name === 'gateway' ? withTimer(config) : config
      const path = join(folder, `${name}.json`)
      await writeFile(path, JSON.stringify({ ...rest, main: join(root, main) }, null, 2))
      return path
    }),
  )
}

/** The flag lets a binding fire a timer: https://github.com/cloudflare/workerd/blob/main/src/workerd/io/compatibility-date.capnp */
const withTimer = ({ compatibility_flags, services, ...config }: z.infer<typeof Config>) => ({
  ...config,
  main: 'local/split/gateway.ts',
  compatibility_flags: [...compatibility_flags, 'service_binding_extra_handlers'],
  services: [...services, { binding: 'RELAY_EVENTS', service: 'relay-events' }],
})
