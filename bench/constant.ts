// The server to compare with: Fastify answers a constant badge, with the headers of a counted answer.
import { makeBadge } from 'badge-maker'
import Fastify from 'fastify'
import { ANSWER_HEADERS } from '../src/http/reply.ts'

const badge = makeBadge({ label: 'hits', message: '12345', color: '#4c1', style: 'flat' })
const app = Fastify()
for (const path of ['/count/tag.svg', '/nocount/tag.svg']) {
  app.get(path, (_request, reply) =>
    reply.headers(ANSWER_HEADERS).type('image/svg+xml; charset=utf-8').send(badge),
  )
}
await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`http://127.0.0.1:${app.addresses().map((at) => Object(at).port)}\n`)
