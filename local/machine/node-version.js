// Imported before everything else, and plain JavaScript: it has to run on the Node that is too old for the rest.

import module from 'node:module'
import { join } from 'node:path'

if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `This is Node ${process.versions.node}, and this project runs on Node 24 or newer. With npm 11 or newer it brings one itself, but for macOS: ` +
      '`npm install --global npm@11`, then `npm ci`.',
  )
  process.exit(1)
}

// Node keeps what it has compiled, TypeScript included, which halves a start. Threads and programs that are started from
// here read the variable. https://nodejs.org/api/module.html#module-compile-cache
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../../node_modules/.cache/node')
module.enableCompileCache(process.env.NODE_COMPILE_CACHE)
