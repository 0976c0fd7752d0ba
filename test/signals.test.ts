import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { temporaryFolder } from './harness/app.ts'
import { BARE, MAIN, startServer, stopServer } from './harness/server.ts'
import { until } from './harness/until.ts'

/** Starts the service with a standard output of one's own, on a port that is known. */
async function startOn(t: TestContext, stdout: 'pipe' | number, env: Record<string, string> = {}) {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...BARE,
      ...{ HOST: '127.0.0.1', PORT: String(port) },
      DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db'),
      ...env,
    },
    stdio: ['ignore', stdout, 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  const origin = `http://127.0.0.1:${port}`
  const answers = async (path: string) => (await fetch(origin + path)).text()
  const isUp = () => answers('/healthz').then(Boolean, () => false)
  return { child, answers, isUp, ended: once(child, 'exit') }
}

test('SIGHUP ends the service in order, as SIGTERM does', async (t) => {
  const server = await startServer(t, { DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db') })
  assert.equal(await (await fetch(`${server.origin}/count?url=example.com`)).text(), '1')
  assert.equal(await stopServer(server, 'SIGHUP'), 0)
  assert.equal(server.errors(), '')
  assert.doesNotMatch(server.output(), /"level"|\bat .*:\d+/, 'a clean end logs nothing')
})

test('SIGUSR1 opens no debugger', async (t) => {
  const server = await startServer(t, { DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db') })
  server.process.kill('SIGUSR1')
  for (let visit = 1; visit <= 20; visit++) {
    const counted = await fetch(`${server.origin}/count?url=example.com`)
    assert.equal(await counted.text(), String(visit))
  }
  await assert.rejects(fetch('http://127.0.0.1:9229/json/list'))
  assert.equal(await stopServer(server), 0)
  assert.equal(server.errors(), '')
})

test('a reader of its output that goes away does not end it', async (t) => {
  const { child, answers, isUp, ended } = await startOn(t, 'pipe', { LOG_LEVEL: 'trace' })
  const { stdout } = child
  assert.ok(stdout)
  await once(stdout, 'data')
  stdout.destroy()
  await until(isUp)
  for (let visit = 1; visit <= 5; visit++) {
    assert.equal(await answers('/count?url=example.com'), String(visit))
  }
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
})

test('an output that takes nothing, as on a full disk, does not end it', async (t) => {
  const full = openSync('/dev/full', 'w')
  t.after(() => closeSync(full))
  const { child, answers, isUp, ended } = await startOn(t, full, { LOG_LEVEL: 'trace' })
  await until(async () => (await isUp()) || child.exitCode !== null)
  for (let visit = 1; visit <= 5; visit++) {
    assert.equal(await answers('/count?url=example.com'), String(visit))
  }
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
})
