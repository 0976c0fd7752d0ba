import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { temporaryFolder } from '../harness/app.ts'
import { type Server, startServer, stopServer } from '../harness/server.ts'

const CONNECTIONS = 2000
const SYNC_MS = 200
const SLOW_DISK = join(import.meta.dirname, '../../bench/slow-disk.ts')

interface Answer {
  status: number
  body: string
  retryAfter: string | undefined
  took: number
}

/** One visit over a connection of its own. */
function visit({ port }: Server, path: string): Promise<Answer> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const asked = request({ host: 'localhost', port, path, agent: false }, async (answer) => {
      let body = ''
      for await (const chunk of answer) body += chunk
      resolve({
        status: answer.statusCode ?? 0,
        body,
        retryAfter: answer.headers['retry-after'],
        took: performance.now() - began,
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}

function start(t: TestContext, more: Record<string, string>): Promise<Server> {
  return startServer(t, {
    DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db'),
    NODE_OPTIONS: `--import ${SLOW_DISK}`,
    SLOW_SYNC_MS: String(SYNC_MS),
    ...more,
  })
}

const memory = ({ process: { pid } }: Server) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

const all = (server: Server, path: string) =>
  Promise.all(Array.from({ length: CONNECTIONS }, () => visit(server, path)))

test(`${CONNECTIONS} connections, ${SYNC_MS} ms a sync: all are counted where all may wait`, async (t) => {
  const server = await start(t, {})
  const answers = await all(server, '/count?url=example.com')
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  assert.deepEqual(
    answers.map(({ body }) => Number(body)).sort((a, b) => a - b),
    answers.map((_, index) => index + 1),
  )
  assert.equal(await stopServer(server), 0)
})

test(`${CONNECTIONS} connections, ${SYNC_MS} ms a sync, 100 may wait: the newest are told so`, async (t) => {
  const server = await start(t, { MAX_WAITING: '100' })
  let warm = 0
  let asked = 0
  let counted = 0
  for (let round = 0; round < 2; round++) {
    const visits = all(server, '/count?url=example.com')
    // While they wait, what needs no disk is answered.
    assert.equal((await visit(server, '/robots.txt')).status, 200)
    const answers = await visits
    asked += answers.length
    const refused = answers.filter(({ status }) => status === 503)
    const numbers = answers.filter(({ status }) => status === 200).map(({ body }) => Number(body))
    assert.equal(refused.length + numbers.length, answers.length)
    assert.ok(refused.length > 0, 'more came than may wait')
    assert.ok(numbers.length >= 100, `${numbers.length} were counted`)
    for (const { retryAfter } of refused) assert.match(String(retryAfter), /^[1-9]\d*$/)
    assert.deepEqual(
      numbers.sort((a, b) => a - b),
      numbers.map((_, index) => counted + index + 1),
      'each number once, none left out',
    )
    counted += numbers.length
    if (round === 0) warm = memory(server)
  }
  assert.ok(counted < asked)
  assert.equal((await visit(server, '/nocount?url=example.com')).body, String(counted))
  const grown = (memory(server) - warm) / 1e6
  assert.ok(grown < 96, `${grown.toFixed(0)} MB more than before`)
  assert.equal(await stopServer(server), 0)
  const lines = server
    .output()
    .split('\n')
    .filter((line) => line.includes('hits are waiting for the disk'))
  assert.ok(lines.length > 0, 'the log says so')
  assert.ok(lines.length < 60, `not for each visit: ${lines.length} lines`)
})
