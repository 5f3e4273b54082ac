// Why a record is in its partition: murmur2 of the key's bytes, as Java's clients and KafkaJS count it, step by step.
// https://github.com/apache/kafka/blob/4.0.0/clients/src/main/java/org/apache/kafka/common/utils/Utils.java

export type Step = { what: string; bytes: number[]; hash: number }

const SEED = 0x9747b28c
const M = 0x5bd1e995
const R = 24

/** The hash as a signed number of 32 bits, and how it came about. */
export function murmur2(bytes: Uint8Array): { hash: number; steps: Step[] } {
  let h = SEED ^ bytes.length
  const steps: Step[] = [{ what: `seed 0x9747b28c ⊕ length ${bytes.length}`, bytes: [], hash: h }]
  const words = bytes.length >> 2
  for (let word = 0; word < words; word++) {
    const four = [...bytes.subarray(word * 4, word * 4 + 4)]
    let k = four.reduce((sum, byte, place) => sum | (byte << (8 * place)), 0)
    k = Math.imul(k, M)
    k = Math.imul(k ^ (k >>> R), M)
    h = Math.imul(h, M) ^ k
    steps.push({ what: `bytes ${word * 4} to ${word * 4 + 3} mixed in`, bytes: four, hash: h })
  }
  const rest = [...bytes.subarray(words * 4)]
  if (rest.length) {
    for (const [place, byte] of rest.entries()) h ^= byte << (8 * place)
    h = Math.imul(h, M)
    steps.push({
      what: rest.length === 1 ? 'the last byte mixed in' : `the last ${rest.length} bytes mixed in`,
      bytes: rest,
      hash: h,
    })
  }
  h = Math.imul(h ^ (h >>> 13), M)
  h ^= h >>> 15
  steps.push({ what: 'shaken: every bit depends on every byte', bytes: [], hash: h })
  return { hash: h, steps }
}

/** A hash without its sign. */
export const positive = (hash: number) => hash & 0x7fffffff

/** The partition of a key, of so many. */
export const partitionOf = (key: Uint8Array, partitions: number) => positive(murmur2(key).hash) % partitions
