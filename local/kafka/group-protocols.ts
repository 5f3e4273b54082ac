// The protocols (ways to assign partitions) that the members of a group have in common.

export type Protocol = { name: string; metadata: Buffer }
type Voter = { protocols: Protocol[] }

export const commonProtocols = ([first, ...rest]: Voter[]) =>
  (first?.protocols ?? []).map(({ name }) => name).filter((name) => rest.every(({ protocols }) => protocols.some((p) => p.name === name)))

/** Each member votes for the first of its protocols that all support; '' where there is none. */
export function electProtocol(members: Voter[]) {
  const candidates = commonProtocols(members)
  const votes = members.map(({ protocols }) => protocols.find(({ name }) => candidates.includes(name))?.name)
  const count = (name: string) => votes.filter((vote) => vote === name).length
  return candidates.toSorted((a, b) => count(b) - count(a))[0] ?? ''
}

export const sameProtocols = (a: Protocol[], b: Protocol[]) =>
  a.length === b.length && a.every(({ name, metadata }, i) => name === b[i]?.name && metadata.equals(b[i].metadata))
