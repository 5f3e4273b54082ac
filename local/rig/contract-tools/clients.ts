// `npm run clients -- PATH/TO/openapi-generator-cli.jar`: clients that https://openapi-generator.tech makes of the
// contract. Those of Go and Java compile; those of Python and TypeScript make, list, read and import a product. A
// language whose tools are not there is named and left out.

import { execFile, spawnSync } from 'node:child_process'
import { cp, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { withOwnStack } from '../own-stack.ts'

const [jar = ''] = process.argv.slice(2)
const run = promisify(execFile)
const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc')
const BUNDLER = ['--module', 'nodenext', '--target', 'es2022', '--strict', '--skipLibCheck', '--types', '']

type Place = { folder: string; env: Record<string, string> }
type Language = {
  name: string
  generator: string
  needs: string[]
  options?: string[]
  prove: (place: Place) => Promise<unknown>
}

const LANGUAGES: Language[] = [
  {
    name: 'Go',
    generator: 'go',
    needs: ['go version'],
    async prove({ folder }) {
      await run('go', ['mod', 'tidy'], { cwd: folder })
      await run('go', ['vet', './...'], { cwd: folder })
    },
  },
  {
    name: 'Java',
    generator: 'java',
    needs: ['javac -version', 'mvn -v'],
    options: ['--library', 'native'],
    prove: ({ folder }) => run('mvn', ['-q', '-B', '-Dmaven.test.skip=true', 'compile'], { cwd: folder }),
  },
  {
    name: 'Python',
    generator: 'python',
    needs: ['python3 -m venv --help'],
    async prove({ folder, env }) {
      await run('python3', ['-m', 'venv', join(folder, '.venv')])
      const python = join(folder, '.venv/bin/python')
      await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', folder])
      await run(python, [join(import.meta.dirname, 'use.py')], { env: { ...process.env, ...env } })
    },
  },
  {
    name: 'TypeScript',
    generator: 'typescript-fetch',
    needs: [],
    options: ['--additional-properties', 'importFileExtension=.js'],
    async prove({ folder, env }) {
      await writeFile(join(folder, 'package.json'), '{"type":"module"}')
      await cp(join(import.meta.dirname, 'use-typescript.txt'), join(folder, 'use.ts'))
      await run(process.execPath, [tsc, ...BUNDLER, '--lib', 'es2022,dom', '--outDir', 'built', 'use.ts'], {
        cwd: folder,
      })
      await run(process.execPath, [join(folder, 'built/use.js')], { env: { ...process.env, ...env } })
    },
  },
]

/** Nothing is optional in it, and tests of its own would need packages more. */
const PLAIN = ['--global-property', 'apiTests=false,modelTests=false,apiDocs=false,modelDocs=false']

let failed = 0
await withOwnStack(async ({ url, token, folder: home }) => {
  const document = join(home, 'openapi.json')
  await writeFile(document, await (await fetch(`${url}/openapi.json`)).text())
  for (const { name, generator, needs, options = [], prove } of LANGUAGES) {
    const missing = needs.find((command) => spawnSync(command, { shell: true, stdio: 'ignore' }).status !== 0)
    if (missing) {
      console.log(`${name}: left out, as there is no \`${missing}\``)
      continue
    }
    const folder = join(home, generator)
    try {
      await run('java', ['-jar', jar, 'generate', '-g', generator, '-i', document, '-o', folder, ...PLAIN, ...options])
      await prove({ folder, env: { API_URL: url, API_TOKEN: token } })
      console.log(`${name}: passed`)
    } catch (error) {
      failed++
      const { stdout = '', stderr = '' } =
        typeof error === 'object' && error !== null ? (error as { stdout?: string; stderr?: string }) : {}
      console.log(`${name}: FAILED\n${String(error)}\n${stdout}\n${stderr}`)
    }
  }
})
process.exit(failed ? 1 : 0)
