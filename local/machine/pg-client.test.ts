import { once } from 'node:events'
import { createServer, Socket } from 'node:net'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { newClient, newPool } from './pg-client.ts'
import { portOf } from './port-of.ts'

const ASK_FOR_PASSWORD = Buffer.from('520000000800000003', 'hex')

const targets = {
  'a login': (port: number) => ({ host: '127.0.0.1', port, user: 'u', password: 'p', database: 'd' }),
  'a login without password': (port: number) => ({ host: '127.0.0.1', port, user: 'u', password: '', database: 'd' }),
  'a URL': (port: number) => `postgresql://u:p@127.0.0.1:${port}/d`,
  'a URL without password': (port: number) => `postgresql://u@127.0.0.1:${port}/d`,
}

/** A server that keeps what it is told, up to the password, and then hangs up. */
async function listen() {
  const heard: Buffer[] = []
  const server = createServer((socket: Socket) => {
    let messages = 0
    socket
      .on('error', () => {})
      .on('data', (data) => {
        heard.push(data)
        if (++messages === 1) socket.write(ASK_FOR_PASSWORD)
        else socket.destroy()
      })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return { port: portOf(server), heard }
}

/** The names of all variables that pg asks the environment for when it is told nothing. */
function namesThatPgReads() {
  const { env } = process
  const names = new Set<string>(['PGPASSFILE'])
  const get = (target: NodeJS.ProcessEnv, name: string) => (names.add(name), target[name])
  process.env = new Proxy(env, { get: (target, name) => (typeof name === 'string' ? get(target, name) : undefined) })
  try {
    void new pg.Client()
  } finally {
    process.env = env
  }
  return [...names].filter((name) => name.startsWith('PG'))
}

async function whatItSays(open: (port: number) => pg.Client) {
  const { port, heard } = await listen()
  await open(port)
    .connect()
    .catch(() => {})
  return Buffer.concat(heard).toString('latin1')
}

test.each(Object.entries(targets))('no variable that pg reads changes what is said to %s', async (_, target) => {
  const before = await whatItSays((port) => newClient(target(port)))
  const names = namesThatPgReads()
  expect(names).toEqual(
    expect.arrayContaining(['PGHOST', 'PGOPTIONS', 'PGSSLMODE', 'PGSSLNEGOTIATION', 'PGAPPNAME', 'PGREPLICATION']),
  )
  for (const name of names)
    vi.stubEnv(name, name === 'PGSSLMODE' ? 'require' : name === 'PGSSLNEGOTIATION' ? 'direct' : '1')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(await whatItSays((port) => newClient(target(port)))).toBe(before)
  expect(before).toContain('user\0u\0database\0d\0')
})

test("a connection string's own parameters count", async () => {
  const said = await whatItSays((port) => newClient(`postgresql://u:p@127.0.0.1:${port}/d?application_name=mine`))
  expect(said).toContain('application_name\0mine\0')
})

/** To a host that is not asked for: whatever its name, the connection goes to a port of this machine. */
function socketTo(port: number) {
  const socket = new Socket()
  const connect = socket.connect.bind(socket)
  return Object.assign(socket, { connect: () => connect(port, '127.0.0.1') })
}

test.each(['', '?sslmode=require&channel_binding=require', '?sslmode=disable'])(
  'Neon is asked for TLS before it hears a name, with a certificate that is looked at: "%s"',
  async (parameters) => {
    const warned = vi.spyOn(process, 'emitWarning')
    onTestFinished(() => warned.mockRestore())
    const url = `postgresql://u:p@ep-name.eu-central-1.aws.neon.tech/d${parameters}`
    const said = await whatItSays((port) => newClient(url, { stream: () => socketTo(port) }))
    expect(Buffer.from(said, 'latin1').toString('hex')).toBe('0000000804d2162f') // SSLRequest
    expect(warned).not.toHaveBeenCalled()
  },
)

test('without a port it is 5432, not PGPORT', async () => {
  vi.stubEnv('PGPORT', '1')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(newClient('postgresql://u:p@127.0.0.1/d').port).toBe(5432)
})

test('a pool opens such clients', async () => {
  vi.stubEnv('PGOPTIONS', '-c search_path=nowhere')
  onTestFinished(() => void vi.unstubAllEnvs())
  const { port, heard } = await listen()
  const pool = newPool(targets['a URL'](port))
  await pool.connect().catch(() => {})
  await pool.end()
  expect(Buffer.concat(heard).toString('latin1')).not.toContain('nowhere')
})

test.each([
  ['mysql://u:p@h/d', 'The connection string is no postgresql:// URL'],
  ['nothing', 'The connection string is no postgresql:// URL'],
  ['postgresql://h/d', 'The connection string names no user'],
  ['postgresql://u:p@/d', 'The connection string is no postgresql:// URL'],
  ['postgresql:///d?user=u', 'The connection string names no host'],
  ['postgresql://u:p@h', 'The connection string names no database'],
])('%s is refused: %s', (url, message) => {
  expect(() => newClient(url)).toThrow(message)
})
