import type { FastifyInstance } from 'fastify'
import type { Store } from '../store.ts'

/** `GET /healthz`: 200 and `ok` while the database answers, else the refusal `unavailable`. */
export function healthRoute(app: FastifyInstance, store: Store): void {
  app.get('/healthz', async (_request, reply) => {
    await store.ping()
    return reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8').send('ok\n')
  })
}
