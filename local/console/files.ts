// What the page loads: its own files, of which Node strips the types at each request, and lit-html from its package.
// Only what was found at the start has a path.

import { readdir, readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'

type File = { type: string; text: string }
/** What is written into the page: the token of this start, and the command that starts it. */
type Values = { token: string; command: string }

const PAGE = join(import.meta.dirname, 'page')
const LIT = join(import.meta.dirname, '../../node_modules/lit-html')
const LIT_FILES = ['lit-html.js', 'directive.js', 'directive-helpers.js', 'directives/repeat.js', 'directives/live.js']
const JAVASCRIPT = 'text/javascript; charset=utf-8'

/** The files by their paths, each read when it is asked for. */
export async function findFiles(values: Values): Promise<Map<string, () => Promise<File>>> {
  const files = new Map<string, () => Promise<File>>()
  for (const name of LIT_FILES)
    files.set(`/lit-html/${name}`, async () => ({ type: JAVASCRIPT, text: await readFile(join(LIT, name), 'utf8') }))
  for (const name of await readdir(PAGE)) {
    const read = () => readFile(join(PAGE, name), 'utf8')
    if (name.endsWith('.css'))
      files.set(`/page/${name}`, async () => ({ type: 'text/css; charset=utf-8', text: await read() }))
    if (/(?<!\.test)\.ts$/.test(name))
      files.set(`/page/${name}`, async () => ({ type: JAVASCRIPT, text: toJavaScript(await read()) }))
  }
  const html = async () => ({
    type: 'text/html; charset=utf-8',
    text: (await readFile(join(PAGE, 'index.html'), 'utf8'))
      .replace('{{token}}', values.token)
      .replace('{{command}}', values.command),
  })
  files.set('/', html)
  return files
}

/** A page has no node_modules: what it imports from the package has a path here. */
function toJavaScript(source: string) {
  return stripTypeScriptTypes(source)
    .replaceAll(/from 'lit-html'/g, "from '/lit-html/lit-html.js'")
    .replaceAll(/from 'lit-html\//g, "from '/lit-html/")
}
