import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'

/** A certificate of 127.0.0.1 that vouches for itself, its key, and the certificate's file, for NODE_EXTRA_CA_CERTS. */
export async function makeCertificate() {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  })
  const folder = await mkdtemp(join(tmpdir(), 'product-api-certificate-'))
  const file = join(folder, 'ca.pem')
  await writeFile(file, cert)
  return { cert, key, file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}
