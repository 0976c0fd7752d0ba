// One run of autocannon, as a process: `autocannon.ts ORIGIN LOAD`. Prints what it measured as JSON.
import { readFileSync } from 'node:fs'
import autocannon from 'autocannon'
import { AGENT, type Load, type Measured, readTargets, type Target } from './load.ts'

const [origin = '', given = '{}'] = process.argv.slice(2)
const load: Load = JSON.parse(given)
const targets = readTargets(readFileSync(load.targets, 'utf8'))
const result = await autocannon({
  url: origin,
  connections: load.connections,
  duration: load.seconds,
  requests: [
    {
      setupRequest: (request) => {
        const { path, cookie } = targets[Math.floor(Math.random() * targets.length)] as Target
        return {
          ...request,
          path,
          headers: {
            ...request.headers,
            'user-agent': AGENT,
            ...(cookie === undefined ? {} : { cookie }),
          },
        }
      },
    },
  ],
})
const measured: Measured = {
  rate: result.requests.total / result.duration,
  p50: result.latency.p50,
  p99: result.latency.p99,
  answers: result.requests.total,
  failed: result.non2xx + result.errors + result.timeouts,
}
process.stdout.write(JSON.stringify(measured))
