// Access control lists: nobody is refused anything here, as in Kafka without an authorizer.

import { KafkaError } from '../errors.ts'
import { CreateAcls, DeleteAcls, DescribeAcls } from '../protocol/acls.ts'
import { endpoint } from './endpoint.ts'

const DISABLED = 'No Authorizer is configured.'
const refused = { error: new KafkaError('SECURITY_DISABLED').code, message: DISABLED }

export const aclRequests = () => [
  endpoint(DescribeAcls, () => refused),
  endpoint(CreateAcls, ({ creations }) => ({ results: creations.map(() => refused) })),
  endpoint(DeleteAcls, ({ filters }) => ({ results: filters.map(() => refused) })),
]
