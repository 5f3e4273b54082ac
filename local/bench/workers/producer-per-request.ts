// What one would write first: insert the product, then connect a KafkaJS producer, send and disconnect, and only then
// answer. No promise is kept.

import { neon, neonConfig } from '@neondatabase/serverless'
import { Kafka, logLevel, Partitioners } from 'kafkajs'

type Env = { DATABASE_URL: string; NEON_PROXY_URL: string; KAFKA_BOOTSTRAP_SERVERS: string; PRODUCTS_TOPIC: string }
type Product = { name: string; price: string; quantity: number }

export default {
  async fetch(request: Request, { DATABASE_URL, NEON_PROXY_URL, KAFKA_BOOTSTRAP_SERVERS, PRODUCTS_TOPIC }: Env) {
    neonConfig.fetchEndpoint = NEON_PROXY_URL
    const { name, price, quantity } = await request.json<Product>()
    const [product] = await neon(DATABASE_URL)`
      insert into products (name, price, quantity) values (${name}, ${price}, ${quantity}) returning id, name, price, quantity, created_at`
    const kafka = new Kafka({ brokers: KAFKA_BOOTSTRAP_SERVERS.split(','), logLevel: logLevel.NOTHING })
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    await producer.send({
      topic: PRODUCTS_TOPIC,
      messages: [{ key: String(product?.id), value: JSON.stringify(product) }],
    })
    await producer.disconnect()
    return Response.json(product, { status: 201 })
  },
}
