// What a client may ask, and in which versions (KIP-35, KIP-511), and the features of the cluster (KIP-584).

import { fail, KafkaError } from '../errors.ts'
import { FEATURES, FEATURES_EPOCH } from '../features.ts'
import { ApiVersions } from '../protocol/metadata.ts'
import { Produce } from '../protocol/records.ts'
import { type Endpoint, endpoint } from './endpoint.ts'

const TELLS_OF_LEVEL_0 = 4 // since this version; clients of before refuse a feature that begins at 0
const NAMES_SOFTWARE = 3 // since this version
const SOFTWARE = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i

export const apiVersionsRequest = (all: () => Endpoint[]) =>
  endpoint(ApiVersions, ({ client, clientVersion }, { version }) => {
    if (version > ApiVersions.max) {
      const own = all().filter(({ key }) => key === ApiVersions.key)
      return { error: new KafkaError('UNSUPPORTED_VERSION').code, apis: own }
    }
    if (version >= NAMES_SOFTWARE && ![client, clientVersion].every((name) => SOFTWARE.test(name)))
      fail('INVALID_REQUEST')
    const supported = FEATURES.filter(({ min }) => min > 0 || version >= TELLS_OF_LEVEL_0)
    const finalized = FEATURES.filter(({ finalized }) => finalized > 0)
    return {
      // librdkafka sends compressed batches only to brokers that claim Produce v0; Kafka 4 claims it for that reason.
      apis: all().map(({ key, min, max }) => ({ key, min: key === Produce.key ? 0 : min, max })),
      supported: supported.map(({ name, min, max }) => ({ name, min, max })),
      finalizedEpoch: FEATURES_EPOCH,
      finalized: finalized.map(({ name, finalized }) => ({ name, max: finalized, min: finalized })),
    }
  })
