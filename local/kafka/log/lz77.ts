// What the formats that repeat earlier bytes have in common.

export type Output = { data: Buffer; length: number }

/** Repeats `length` bytes from `distance` before the end, which may reach into what it repeats. */
export function copyWithin(output: Output, distance: number, length: number) {
  const from = output.length - distance
  if (distance < 1 || from < 0 || output.length + length > output.data.length)
    throw new RangeError('a copy from nowhere')
  for (let i = 0; i < length; i++) output.data[output.length + i] = output.data[from + i] ?? 0
  output.length += length
}
