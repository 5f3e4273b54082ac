// What a broker does that asks for SASL/PLAIN, for one that has no SASL:
// https://kafka.apache.org/protocol#sasl_handshake

import { rewrite } from './rewrite.ts'
import { array, bytes, int16, int64, list, nullableString, string, struct } from '../../kafka/protocol/types.ts'
import { Reader } from '../../kafka/protocol/reader.ts'
import { Writer } from '../../kafka/protocol/writer.ts'

export type Login = { username: string; password: string }

export const API_VERSIONS = 18
const HANDSHAKE = 17
const AUTHENTICATE = 36
const AUTHENTICATION_FAILED = 58

const ApiVersions = struct({ error: int16, apis: list({ key: int16, min: int16, max: int16 }) })
const Handshake = struct({ error: int16, mechanisms: array(string) })
const Authenticate = struct({ error: int16, message: nullableString, token: bytes, lifetime: int64.since(1) })

/** An ApiVersions answer, up to version 2, that tells of SASL as well. */
export const tellOfSasl = (response: Buffer, version: number) =>
  rewrite(response, version, ApiVersions, ({ error, apis }) => ({
    error,
    apis: [...apis, { key: HANDSHAKE, min: 0, max: 1 }, { key: AUTHENTICATE, min: 0, max: 1 }],
  }))

/**
 * Stands at the beginning of one connection. Gives the answer to a request of SASL; 'pass' for what the broker may see;
 * 'cut' for what comes before the right password.
 */
export function saslGate({ username, password }: Login) {
  let authenticated = false
  return (request: Buffer): Buffer | 'pass' | 'cut' => {
    const key = request.readInt16BE(4)
    const version = request.readInt16BE(6)
    const writer = new Writer(version)
    writer.raw(request.subarray(8, 12)) // the correlation id
    if (key === HANDSHAKE) {
      Handshake.write(writer, { mechanisms: ['PLAIN'] })
      return Buffer.concat(writer.frame())
    }
    if (key !== AUTHENTICATE) return authenticated || key === API_VERSIONS ? 'pass' : 'cut'
    const reader = new Reader(request.subarray(12), version)
    nullableString.read(reader) // the client's name
    authenticated = bytes.read(reader).toString() === ['', username, password].join('\0') // RFC 4616, without an identity of its own
    Authenticate.write(
      writer,
      authenticated ? {} : { error: AUTHENTICATION_FAILED, message: 'Invalid username or password' },
    )
    return Buffer.concat(writer.frame())
  }
}
