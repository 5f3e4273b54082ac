// `node local/deploy/licences.ts < sbom.json`: the licences of what is deployed, of a CycloneDX document as `npm sbom`
// makes it. It fails where one is not in the list, which somebody has to read first.

import { json } from 'node:stream/consumers'
import * as z from 'zod'

/** All of them let whoever uses the code deploy it without giving the rest away. */
const READ = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0']

const License = z.union([
  z.object({ license: z.object({ id: z.string() }) }).transform(({ license }) => license.id),
  z.object({ license: z.object({ name: z.string() }) }).transform(({ license }) => license.name),
  z.object({ expression: z.string() }).transform(({ expression }) => expression),
])
const Component = z.object({
  name: z.string(),
  version: z.string(),
  licenses: z.array(License).default([]),
  properties: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
})
const Sbom = z.object({ components: z.array(Component).min(1) })

/** Tools run here and go nowhere; npm lists them all the same, as .npmrc wants them installed always. */
const isTool = ({ properties }: z.infer<typeof Component>) =>
  properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true')

/** The names of packages by licence, and those with a licence that nobody has read. */
export function licences(sbom: unknown) {
  const deployed = Sbom.parse(sbom).components.filter((component) => !isTool(component))
  const packages = deployed.map(({ name, version, licenses }) => ({
    name: `${name}@${version}`,
    licence: licenses.join(' and ') || 'none',
  }))
  const byLicence = Map.groupBy(packages, ({ licence }) => licence)
  return { byLicence, unread: packages.filter(({ licence }) => !READ.includes(licence)) }
}

if (import.meta.main) {
  const { byLicence, unread } = licences(await json(process.stdin))
  for (const [licence, packages] of byLicence) console.log(`${licence}: ${packages.map(({ name }) => name).join(', ')}`)
  for (const { name, licence } of unread) console.log(`Nobody has read the licence of ${name}: ${licence}`)
  process.exitCode = unread.length ? 1 : 0
}
