// What a Worker is told by its environment. Each handler asks for the part that it needs, and gets nothing else.

import * as z from 'zod' // `import { z }` would bundle four times as much
import { SETTINGS } from './settings.ts'

/** A variable that is set but empty counts as not set: wrangler.toml can name a variable only by giving it a value. */
const blank = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === '' ? undefined : value), schema)

/** One that a Worker need not be told, as it is the same for all. */
const setting = <T extends z.ZodType>(name: keyof typeof SETTINGS, schema: T) =>
  z.preprocess((value) => value || SETTINGS[name] || undefined, schema)

const postgresUrl = z.string('is missing').refine((text) => {
  const url = URL.parse(text)
  return url && /^postgres(ql)?:$/.test(url.protocol) && url.hostname && url.username && url.pathname.length > 1
}, 'is not of the form postgresql://user:password@host/database')

const bootstrapServers = z
  .string('is missing')
  .transform((text) => text.split(',').map((server) => server.trim()))
  .refine((servers) => servers.every(isServer), 'is not of the form host:port,host:port')

// https://kafka.apache.org/documentation/#security_sasl: as Kafka spells them, and KafkaJS, which has the type
const mechanism = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['plain', 'scram-sha-256', 'scram-sha-512'], 'is none of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512'))

// https://kafka.apache.org/documentation/#topicconfigs: Topic.validate() of Kafka's own clients
const topic = z
  .string()
  .regex(/^(?!\.{1,2}$)[\w.-]{1,249}$/, 'is no topic name: 1 to 249 letters, digits, dots, underscores and hyphens')

// Tokens are kept as their SHA-256, in hex: who reads the configuration cannot use them. `read:` before one lets it
// read only.
const apiTokens = z
  .string('is missing: it lists the SHA-256 of each token, or is the word none')
  .transform((text) => (text === 'none' ? text : text.split(',').map((entry) => parseToken(entry.trim()))))
  .refine(
    (tokens) => tokens === 'none' || !tokens.includes(undefined),
    'is not of the form HASH,read:HASH with the SHA-256 of each token in hex',
  )
  .transform((tokens) => (tokens === 'none' ? tokens : tokens.filter((token) => token !== undefined)))

const origins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine(
    (origins) => origins.every((origin) => URL.parse(origin)?.origin === origin),
    'is not of the form https://one.example,https://two.example',
  )

// What one publisher may send to the database. A request on Cloudflare's free plan may make 50 requests of its own, on
// a paid one 10,000, and at least 1,000 for those of before:
// https://developers.cloudflare.com/workers/platform/limits/#subrequests
const statements = z
  .string()
  .regex(/^[1-9]\d{1,4}$/, 'is no whole number from 10 to 99999')
  .transform(Number)

/** Every variable of the environment, one schema for all handlers. */
const Config = z.object({
  DATABASE_URL: blank(postgresUrl),
  NEON_PROXY_URL: blank(z.url({ protocol: /^https?$/, error: 'is no http:// or https:// URL' }).optional()),
  KAFKA_BOOTSTRAP_SERVERS: blank(bootstrapServers),
  KAFKA_SASL_MECHANISM: blank(mechanism.optional()),
  KAFKA_SASL_USERNAME: blank(z.string().optional()),
  KAFKA_SASL_PASSWORD: blank(z.string().optional()),
  KAFKA_TLS: blank(z.enum(['true', 'false'], 'is neither true nor false').optional()),
  PRODUCTS_TOPIC: setting('PRODUCTS_TOPIC', topic),
  PRODUCTS_CHANGED_TOPIC: setting('PRODUCTS_CHANGED_TOPIC', topic),
  OUTBOX_MAX_STATEMENTS: setting('OUTBOX_MAX_STATEMENTS', statements),
  API_TOKENS: blank(apiTokens),
  ALLOWED_ORIGINS: setting('ALLOWED_ORIGINS', origins.default([])),
})

/** For every Worker that answers HTTP. */
export const HttpConfig = Config.pick({ ALLOWED_ORIGINS: true })
/** For what uses the database. */
export const DatabaseConfig = Config.pick({ DATABASE_URL: true, NEON_PROXY_URL: true })
/** How to reach Kafka. */
const KafkaConfig = Config.pick({
  KAFKA_BOOTSTRAP_SERVERS: true,
  KAFKA_SASL_MECHANISM: true,
  KAFKA_SASL_USERNAME: true,
  KAFKA_SASL_PASSWORD: true,
  KAFKA_TLS: true,
})
const PublishingConfig = KafkaConfig.extend(
  Config.pick({ PRODUCTS_TOPIC: true, PRODUCTS_CHANGED_TOPIC: true, OUTBOX_MAX_STATEMENTS: true }).shape,
)
/** For what publishes pending events. */
export const PublisherConfig = DatabaseConfig.extend(PublishingConfig.shape).check(wholeSasl)
/** For handlers that read products, or tell how the API is. */
export const ReaderConfig = HttpConfig.extend(DatabaseConfig.shape).extend(Config.pick({ API_TOKENS: true }).shape)
/** For handlers that write products and their events. */
export const WriterConfig = ReaderConfig.extend(PublishingConfig.shape).check(wholeSasl)

export type HttpConfig = z.infer<typeof HttpConfig>
export type DatabaseConfig = z.infer<typeof DatabaseConfig>
export type KafkaConfig = z.infer<typeof KafkaConfig>
export type PublisherConfig = z.infer<typeof PublisherConfig>
export type ReaderConfig = z.infer<typeof ReaderConfig>
export type WriterConfig = z.infer<typeof WriterConfig>

/** Its message names each variable that is wrong and never says a value. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/** The part of the environment that `schema` describes. Throws ConfigError. */
export function parseConfig<C>(schema: z.ZodType<C>, env: unknown): C {
  const { data, error } = schema.safeParse(env)
  if (error) throw new ConfigError(error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '))
  return data as C
}

/** Of mechanism, username and password all or none are set. */
function wholeSasl({ value, issues }: z.core.ParsePayload<KafkaConfig>) {
  const names = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const
  const missing = names.filter((name) => value[name] === undefined)
  if (missing.length === names.length) return
  for (const name of missing)
    issues.push({
      code: 'custom',
      input: undefined,
      path: [name],
      message: 'is missing: others of KAFKA_SASL_* are set',
    })
}

function isServer(text: string) {
  const [, port] = /^(?:[\w.-]+|\[[\da-f:]+\]):(\d{1,5})$/i.exec(text) ?? []
  return Number(port) >= 1 && Number(port) <= 65_535
}

function parseToken(text: string) {
  const [, scope = 'write', hash] = /^(?:(read|write):)?([\da-fA-F]{64})$/.exec(text) ?? []
  return hash ? { scope, hash: hash.toLowerCase() } : undefined
}
