import type { Login } from '../machine/pg-client.ts'
import { HttpError } from './errors.ts'

/**
 * Who asks, by the connection string of a request. All else in it is ignored: a host in it makes no open relay, and its
 * parameters (`sslmode=require` of Neon's own strings, but also `host`, `sslcert` or `options`) lead pg nowhere and
 * open no file.
 */
export function parseLogin(connectionString: string): Pick<Login, 'user' | 'password' | 'database'> {
  const url = URL.parse(connectionString)
  if (!url) throw invalid('relative URL without a base')
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw invalid('incorrect scheme')
  if (!url.username) throw invalid('missing username')
  if (url.pathname.length < 2) throw invalid('missing database name')
  try {
    const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(decodeURIComponent)
    return { user: user ?? '', password: password ?? '', database: database ?? '' }
  } catch {
    throw invalid('malformed percent-encoding')
  }
}

const invalid = (reason: string) => new HttpError(400, `invalid connection string: ${reason}`)
