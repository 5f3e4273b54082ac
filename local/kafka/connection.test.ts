import { once } from 'node:events'
import { expect, test } from 'vitest'
import { openSocket, produce, read, startBroker, until } from './fixtures.ts'

const frame = (body: Buffer) => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}
const request = (key: number, version: number, body = '') =>
  frame(Buffer.concat([Buffer.from([0, key, 0, version, 0, 0, 0, 7, 0xff, 0xff]), Buffer.from(body, 'hex')]))

async function open(brokers: string[]) {
  const socket = await openSocket(brokers)
  const received: Buffer[] = []
  socket.on('data', (chunk) => received.push(chunk))
  return { socket, received, ended: once(socket, 'close') }
}

test.each([
  ['a negative length', Buffer.from('ffffffff', 'hex')],
  ['a length no request has', Buffer.from('00000007', 'hex')],
  ['a length beyond any request', Buffer.from('7fffffff', 'hex')],
  ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['an unknown kind of request', request(99, 0)],
  ['an unknown version', request(3, 99)],
  ['a request that ends too soon', request(3, 1, '00000001')],
  ['an array longer than its message', request(3, 1, '7fffffff')],
  ['a null where there must be a value', request(10, 0, 'ffff')],
  ['a null where there must be an array', request(15, 0, 'ffffffff')],
  ['a varint without end', request(18, 3, '00ffffffffffff')],
])('%s ends the connection, and only that', async (_, bytes) => {
  const logged: string[] = []
  const { brokers, client } = await startBroker({ log: (message) => logged.push(message) })
  const other = await open(brokers)
  const bad = await open(brokers)
  bad.socket.write(bytes)
  await bad.ended
  expect(bad.received).toEqual([])
  expect(logged).toEqual([expect.stringContaining('cut off')])

  other.socket.write(request(18, 0))
  await until(() => other.received.length > 0)
  await produce(client, 'orders', 'still there')
  expect(await read(client, 'orders', 1)).toEqual(['still there'])
})

test('requests are answered in their order, however they are cut into packets', async () => {
  const { brokers } = await startBroker()
  const { socket, received } = await open(brokers)
  for (const byte of Buffer.concat([request(18, 0), request(18, 0)])) socket.write(Buffer.from([byte]))
  const stream = await until(() => {
    const all = Buffer.concat(received)
    return all.length >= 4 && all.length === 2 * (4 + all.readInt32BE()) && all
  })
  expect(stream.readInt32BE(4)).toBe(7)
})

test('a version of ApiVersions from the future is answered in version 0, with the error and the versions of it', async () => {
  const { brokers } = await startBroker()
  const { socket, received } = await open(brokers)
  socket.write(request(18, 99))
  const [response] = await until(() => received.length > 0 && received)
  expect(response?.readInt32BE(4)).toBe(7)
  expect(response?.readInt16BE(8)).toBe(35)
  expect(response?.readInt32BE(10)).toBe(1)
  expect(response?.readInt16BE(14)).toBe(18)
})
