// What the image of Docker Compose holds, without Docker: the files that local/Dockerfile copies and .dockerignore lets
// through, in a folder of their own.

import { cp, glob, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, matchesGlob, relative } from 'node:path'

const IMPORT = /^import (?!type )[^'"]*from '(?!node:|\.)((?:@[^/']+\/)?[^/']+)/gm

const root = join(import.meta.dirname, '../..')

/** The packages are those that are installed here. `given` are the paths that Docker may copy. */
export async function copyImage() {
  const dockerfile = await readFile(join(root, 'local/Dockerfile'), 'utf8')
  const rules = (await readFile(join(root, '.dockerignore'), 'utf8'))
    .split('\n')
    .filter((line) => !/^(#|\*?$)/.test(line))
  const given = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1))
  const left = rules.filter((rule) => !rule.startsWith('!'))
  const isGiven = (path: string) => !left.some((pattern) => matchesGlob(relative(root, path), pattern))
  const folder = await mkdtemp(join(tmpdir(), 'image-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  const copied: string[] = []
  for (const [, words = ''] of dockerfile.matchAll(/^COPY (.+)$/gm)) {
    const [to = '', ...from] = words.split(' ').toReversed()
    copied.push(...from)
    for (const path of from) {
      const target = join(folder, to, to.endsWith('/') ? basename(path) : '')
      await cp(join(root, path), target, { recursive: true, filter: isGiven })
    }
  }
  return {
    folder,
    given,
    copied,
    /** The names of the packages that its files import, beyond their types. */
    async packages() {
      const names = new Set<string>()
      for await (const path of glob('{lib,local}/**/*.ts', { cwd: folder })) {
        const source = await readFile(join(folder, path), 'utf8')
        for (const [, name = ''] of source.matchAll(IMPORT)) names.add(name)
      }
      return [...names]
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

/** The text of each service of docker-compose.yml, by its name. */
export async function composeServices() {
  const text = await readFile(join(root, 'docker-compose.yml'), 'utf8')
  const [, ...parts] = text.slice(text.indexOf('\nservices:'), text.indexOf('\nvolumes:')).split(/^ {2}([\w-]+):$/m)
  return Object.fromEntries(parts.flatMap((name, i) => (i % 2 ? [] : [[name, parts[i + 1] ?? '']])))
}
