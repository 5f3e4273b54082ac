import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'

/** A kill at any moment, or a power cut, leaves what was in the file, or all of what is to be in it. */
export function replaceFile(file: string, data: string | Buffer) {
  const temporary = `${file}.tmp`
  const descriptor = openSync(temporary, 'w')
  try {
    writeFileSync(descriptor, data)
    fsyncSync(descriptor) // or a power cut may leave the new name on an empty file
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, file)
}
