// Small files of JSON that are replaced as a whole: a kill at any moment leaves the old one or the new one.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type * as z from 'zod'

/** What a file holds, or undefined where there is none. One that cannot be understood is an error that names it. */
export function readJson<T>(file: string, schema: z.ZodType<T>): T | undefined {
  if (!existsSync(file)) return
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new Error(`${file} cannot be read; mend it, or remove it and lose what it holds`, { cause: error })
  }
}

const temporary = (file: string) => `${file}.tmp`
const text = (value: unknown) => JSON.stringify(value, null, 1)

export function writeJson(file: string, value: unknown) {
  const descriptor = openSync(temporary(file), 'w')
  try {
    writeFileSync(descriptor, text(value))
    fsyncSync(descriptor) // or a power cut may leave the new name on an empty file
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary(file), file)
}
