// One run of autocannon, as a process: `autocannon.ts ORIGIN LOAD`. Prints what it measured as JSON.
import autocannon from 'autocannon'
import type { Load, Measured } from './load.ts'

const [origin = '', given = '{}'] = process.argv.slice(2)
const load: Load = JSON.parse(given)
const result = await autocannon({
  url: origin,
  connections: load.connections,
  duration: load.seconds,
  requests: [
    {
      setupRequest: (request) => {
        const page = 1 + Math.floor(Math.random() * load.pages)
        return { ...request, path: `/count/tag.svg?url=https%3A%2F%2Fsite${page}.example%2Fpost` }
      },
    },
  ],
})
const measured: Measured = {
  rate: result.requests.total / result.duration,
  p99: result.latency.p99,
  failed: result.non2xx + result.errors + result.timeouts,
}
process.stdout.write(JSON.stringify(measured))
