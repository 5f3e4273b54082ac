// The configurations that `wrangler dev` is given, one for each Worker. It takes several of them, but only one
// environment, so each environment of wrangler.toml becomes a configuration. What a Worker is told is named there as a
// secret: wrangler reads such values from its own environment, so none of them is on a command line, where other users
// of the machine would see it.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import * as z from 'zod'
import { parseConfig, WriterConfig } from '../../lib/config.ts'
import { HANDLERS } from '../../lib/handlers.ts'
import { isReader, KAFKA_OPTIONAL } from '../deploy/deployment.ts'

/** Every variable that a Worker of this project may be told. */
export const VARIABLES = Object.keys(WriterConfig.shape)

const DATABASE_OPTIONAL = ['NEON_PROXY_URL']
const PUBLISHER_OPTIONAL = [...KAFKA_OPTIONAL, 'PRODUCTS_TOPIC', 'PRODUCTS_CHANGED_TOPIC', 'OUTBOX_MAX_STATEMENTS']
const NOT_INHERITED = ['vars', 'secrets', 'ratelimits', 'durable_objects'] // https://developers.cloudflare.com/workers/wrangler/configuration/#non-inheritable-keys

const Services = z.array(z.object({ binding: z.string(), service: z.string() }))
const DurableObjects = z.object({ bindings: z.array(z.looseObject({ script_name: z.string().optional() })) })
const Config = z.looseObject({
  name: z.string(),
  main: z.string(),
  compatibility_flags: z.array(z.string()).default([]),
  vars: z.record(z.string(), z.unknown()).default({}),
  secrets: z.object({ required: z.array(z.string()).default([]) }).default({ required: [] }),
  services: Services.default([]),
  durable_objects: DurableObjects.default({ bindings: [] }),
})
const Whole = z.looseObject({ env: z.record(z.string(), z.looseObject({})).default({}) })

export type Config = z.infer<typeof Config>

/**
 * Of an environment of wrangler.toml ('' is the top level), or for `split` of the gateway, which comes first, and of
 * every function.
 */
export async function readConfigs(root: string, environment: string, split: boolean): Promise<Config[]> {
  const { env, ...top } = Whole.parse(parse(await readFile(join(root, 'wrangler.toml'), 'utf8')))
  const inherited = Object.fromEntries(Object.entries(top).filter(([name]) => !NOT_INHERITED.includes(name)))
  const read = (name: string) => {
    if (name !== '' && !env[name])
      throw new Error(`there is no function ${name}: it is one of ${Object.keys(env).join(', ')}`)
    const config = Config.parse(name === '' ? top : { ...inherited, ...env[name] })
    return { ...config, main: join(root, config.main) }
  }
  if (!split) return [alone(read(environment))]
  const [gateway, ...functions] = ['gateway', ...HANDLERS.map(({ name }) => name)].map(read)
  return gateway ? [withTimer(root, gateway), ...functions] : []
}

/** A function that runs alone has no alarm, as the relay has its class: what it leaves behind waits. */
const alone = ({ durable_objects, ...config }: Config): Config => {
  const bindings = durable_objects.bindings.filter(({ script_name }) => script_name === undefined)
  return { ...config, durable_objects: { bindings } }
}

/** Throws ConfigError where a Worker would find a variable wrong or missing. */
export function checkValues(configs: Config[], values: Record<string, string>) {
  for (const { vars } of configs) parseConfig(WriterConfig, { ...vars, ...values })
}

/**
 * Writes the configurations to a folder, and says where they are, and which of the values they ask of wrangler's
 * environment. That has one value of a name, and counts before the file: so a database in which readers have another
 * role than writers stands in each file, which only we can read.
 */
export async function writeConfigs(
  configs: Config[],
  values: Record<string, string>,
  folder: string,
  readerUrl = values.DATABASE_URL,
) {
  await mkdir(folder, { recursive: true })
  const differ = readerUrl !== values.DATABASE_URL && configs.some(({ secrets }) => isReader(secrets.required))
  const written = await Promise.all(
    configs.map(async ({ vars, secrets, ...config }) => {
      const named = new Set([...Object.keys(vars), ...secrets.required, ...optionalFor(secrets.required)])
      const url = isReader(secrets.required) ? readerUrl : values.DATABASE_URL
      const own = differ && secrets.required.includes('DATABASE_URL') ? { DATABASE_URL: url } : {}
      const given = [...named].filter((name) => values[name] && !(name in own))
      const rest = Object.fromEntries(Object.entries(vars).filter(([name]) => !given.includes(name)))
      const required = [...new Set([...secrets.required, ...given])].filter((name) => !(name in own))
      const path = join(folder, `${config.name}.json`)
      const text = JSON.stringify({ ...config, vars: { ...rest, ...own }, secrets: { required } }, null, 2)
      await writeFile(path, text, { mode: 0o600 })
      return { path, given }
    }),
  )
  const asked = new Set(written.flatMap(({ given }) => given))
  return {
    configs: written.map(({ path }) => path),
    values: Object.fromEntries(Object.entries(values).filter(([name]) => asked.has(name))),
  }
}

/** What a Worker may be told beside what it must be: readers know nothing of Kafka. */
function optionalFor(required: string[]) {
  const database = required.includes('DATABASE_URL') ? DATABASE_OPTIONAL : []
  const publisher = required.includes('KAFKA_BOOTSTRAP_SERVERS') ? PUBLISHER_OPTIONAL : []
  return ['ALLOWED_ORIGINS', ...database, ...publisher]
}

/**
 * The flag lets a binding fire a timer:
 * https://github.com/cloudflare/workerd/blob/main/src/workerd/io/compatibility-date.capnp
 */
const withTimer = (root: string, { compatibility_flags, services, ...config }: Config): Config => ({
  ...config,
  main: join(root, 'local/dev/split-gateway.ts'),
  compatibility_flags: [...compatibility_flags, 'service_binding_extra_handlers'],
  services: [...services, { binding: 'RELAY_EVENTS', service: 'relay-events' }],
})
