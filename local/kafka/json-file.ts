// Small files of JSON that are replaced as a whole: a kill at any moment leaves the old one or the new one.

import { existsSync, readFileSync } from 'node:fs'
import type * as z from 'zod'
import { replaceFile } from './replace-file.ts'

/** What a file holds, or undefined where there is none. One that cannot be understood is an error that names it. */
export function readJson<T>(file: string, schema: z.ZodType<T>): T | undefined {
  if (!existsSync(file)) return
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new Error(`${file} cannot be read; mend it, or remove it and lose what it holds`, { cause: error })
  }
}

export const writeJson = (file: string, value: unknown) => replaceFile(file, JSON.stringify(value, null, 1))
