import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import test from 'node:test'
import { temporaryFolder } from '../harness/app.ts'
import { startServer } from '../harness/server.ts'

const VISITS = 2000

test('2,000 counts at once of a fresh page: stored 2,000, and each number answered once', async (t) => {
  const server = await startServer(t, {
    DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db'),
    WINDOW_SECONDS: '300',
  })
  const agent = new Agent({ keepAlive: true, maxSockets: VISITS })
  t.after(() => agent.destroy())
  const ask = (path: string) =>
    new Promise<string>((resolve, reject) => {
      get(`${server.origin}${path}`, { agent }, (response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('end', () => resolve(body))
      }).on('error', reject)
    })
  const answers = await Promise.all(
    Array.from({ length: VISITS }, () => ask('/count?url=fresh.example/page')),
  )
  const sorted = answers.map(Number).sort((a, b) => a - b)
  assert.deepEqual(
    sorted,
    Array.from({ length: VISITS }, (_, index) => index + 1),
  )
  assert.equal(await ask('/nocount?url=fresh.example/page'), String(VISITS))
})
