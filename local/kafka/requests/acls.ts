// Access control lists: nobody is refused anything here, as in Kafka without an authorizer.

import { KafkaError } from '../errors.ts'
import { CreateAcls, DeleteAcls, DescribeAcls } from '../protocol/acls.ts'
import { endpoint } from './endpoint.ts'

const error = new KafkaError('SECURITY_DISABLED').code
// It is a broker that is asked for them, and a controller that changes them.
const untold = { error, message: 'No Authorizer is configured on the broker' }
const refused = { error, message: 'No Authorizer is configured.' }

export const aclRequests = () => [
  endpoint(DescribeAcls, () => untold),
  endpoint(CreateAcls, ({ creations }) => ({ results: creations.map(() => refused) })),
  endpoint(DeleteAcls, ({ filters }) => ({ results: filters.map(() => refused) })),
]
