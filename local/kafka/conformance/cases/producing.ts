// What several cases of producing do.

import { read } from '../asking.ts'
import { type Broker, until } from '../broker.ts'

export const brief = ({ error, baseOffset }: { error: string; baseOffset: number }) => [error, baseOffset]
/** Once all of it is on the replicas, which acks=1 does not wait for. */
export const readTo = (kafka: Broker, topic: string, high: number) =>
  until(async () => {
    const answer = await read(kafka, topic)
    return answer.high >= high && answer
  })
export const VERSIONS = [3, 4, 5, 6, 7, 8, 9, 10, 11]
