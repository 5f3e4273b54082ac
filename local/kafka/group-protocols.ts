// The protocols (ways to assign partitions) that the members of a group have in common.

export type Protocol = { name: string; metadata: Buffer }
type Voter = { protocols: Protocol[] }

export function commonProtocols([first, ...rest]: Voter[]) {
  const others = rest.map(({ protocols }) => new Set(protocols.map(({ name }) => name)))
  return (first?.protocols ?? []).map(({ name }) => name).filter((name) => others.every((names) => names.has(name)))
}

/** Each member votes for the first of its protocols that all support; '' where there is none. */
export function electProtocol(members: Voter[]) {
  const candidates = commonProtocols(members)
  const votes = new Map(candidates.map((name) => [name, 0]))
  for (const { protocols } of members) {
    const choice = protocols.find(({ name }) => votes.has(name))
    if (choice) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1)
  }
  return candidates.toSorted((a, b) => (votes.get(b) ?? 0) - (votes.get(a) ?? 0))[0] ?? ''
}

export const sameProtocols = (a: Protocol[], b: Protocol[]) =>
  a.length === b.length && a.every(({ name, metadata }, i) => name === b[i]?.name && metadata.equals(b[i].metadata))
