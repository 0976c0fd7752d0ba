import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { addCode } from './harness/broken.ts'
import { type Engine, engines } from './harness/engines.ts'
import { BARE, MAIN } from './harness/server.ts'

const BROKEN = join(import.meta.dirname, 'harness/broken.ts')
/** From the line that names the failure to the end of the process, in ms. */
const END_MS = 5000
/** A start that has not ended by then counts as hanging, in ms. */
const LIMIT_MS = 15_000

type Step = [file: string, name: string]
/** The steps of a start, by file and function. The test breaks this function. */
const STEPS: Record<Engine | 'both', Step[]> = {
  sqlite: [
    ['database/sqlite/open.ts', 'openDatabase'],
    ['database/sqlite/migrations.ts', 'migrate'],
    ['database/sqlite/thread.ts', 'WriterThread.start'],
    ['database/sqlite/thread.ts', 'WriterThread.prototype.call'],
    ['database/sqlite/watch.ts', 'watchFiles'],
  ],
  postgres: [
    ['database/postgres/open.ts', 'connectKysely'],
    ['database/postgres/open.ts', 'migrate'],
    ['database/postgres/open.ts', 'fillPool'],
    ['database/postgres/connection.ts', 'Connection.prototype.connected'],
  ],
  both: [
    ['service.ts', 'tryPort'],
    ['service.ts', 'openStore'],
    ['housekeeping.ts', 'sweepAll'],
    ['badge/badge.ts', 'createBadges'],
    ['http/app.ts', 'buildApp'],
    ['housekeeping.ts', 'keepHouse'],
  ],
}

/** The steps that wait for something. */
const HANGING: Record<Engine, Step[]> = {
  sqlite: [
    ['database/sqlite/open.ts', 'openDatabase'],
    ['http/app.ts', 'buildApp'],
  ],
  postgres: [['database/postgres/connection.ts', 'Connection.prototype.connected']],
}

/** The step that is broken in this process. */
const broken = { name: '' }
Object.assign(globalThis, { broken })
addCode((file) => {
  const names = Object.values(STEPS).flatMap((steps) =>
    steps.flatMap(([of, name]) => (of === file ? [name] : [])),
  )
  const code = names.map(
    (name) => `{
      const whole = ${name}
      ${name} = function (...given) {
        if (globalThis.broken.name === '${name}') throw new Error('broken on purpose')
        return whole.apply(this, given)
      }
    }`,
  )
  return code.length > 0 ? code.join('\n') : null
})
// Loaded now, so that the code is added.
const { readSettings } = await import('../config.ts')
const { checks } = await import('../src/checks.ts')
const { startService } = await import('../src/service.ts')
const { temporaryFolder } = await import('./harness/app.ts')
const { makeDatabase } = await import('./harness/postgres.ts')

async function environmentOf(t: TestContext, engine: Engine): Promise<Record<string, string>> {
  if (engine === 'postgres') return { DATABASE_URL: await makeDatabase(t) }
  return { DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db') }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Starts the service with additional code in one of its files. */
async function start(t: TestContext, env: Record<string, string>, file: string, code: string) {
  const port = await freePort()
  const child = spawn(process.execPath, ['--import', BROKEN, MAIN], {
    env: {
      ...BARE,
      ...{ HOST: '127.0.0.1', PORT: String(port), WINDOW_SECONDS: '0' },
      ...{ BROKEN_FILE: file, BROKEN_CODE: code },
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  let errors = ''
  let saidAt = Number.POSITIVE_INFINITY
  child.stderr.on('data', (chunk) => {
    errors += chunk
    saidAt = Math.min(saidAt, performance.now())
  })
  const ended = once(child, 'close').then(([code]) => {
    clearTimeout(limit)
    return {
      code,
      output,
      errors,
      took: performance.now() - saidAt,
    }
  })
  return { child, port, ended, output: () => output }
}

const hanging = (name: string) => `${name} = async () => {
  process.stdout.write('hanging on purpose\\n')
  await new Promise((resolve) => setTimeout(resolve, 1e8))
}`
/** Listening fails after everything else was opened. */
const NOT_LISTENING = `const built = buildApp
buildApp = async (parts) => {
  const app = await built(parts)
  app.listen = () => { throw new Error('broken on purpose') }
  return app
}`
const ENDING: Record<Engine, [file: string, code: string][]> = {
  sqlite: [
    ['http/app.ts', NOT_LISTENING],
    ['database/sqlite/watch.ts', "watchFiles = () => { throw new Error('broken on purpose') }"],
  ],
  postgres: [['http/app.ts', NOT_LISTENING]],
}

for (const engine of engines()) {
  // Steps of both engines are broken with one of them, and with the other only the last, when most has been opened.
  const both = engine === engines()[0] ? STEPS.both : STEPS.both.slice(-1)

  test(`${engine}: if any step of the start fails, it says so soon, and nothing listens`, async (t) => {
    const env = await environmentOf(t, engine)
    for (const [, name] of [...STEPS[engine], ...both]) {
      const port = await freePort()
      const settings = { HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'silent' }
      const config = readSettings(checks, { ...settings, WINDOW_SECONDS: '0', ...env })
      const began = performance.now()
      broken.name = name
      await assert.rejects(startService(config, Date.now), /broken on purpose/, name)
      broken.name = ''
      assert.ok(performance.now() - began < END_MS, name)
      const [error] = await once(connect(port, '127.0.0.1').on('connect', assert.fail), 'error')
      assert.equal(error.code, 'ECONNREFUSED', name)
    }
  })

  test(`${engine}: a process whose start fails ends soon with code 1`, async (t) => {
    const env = await environmentOf(t, engine)
    for (const [file, code] of ENDING[engine]) {
      const end = await (await start(t, env, file, code)).ended
      assert.equal(end.code, 1, code)
      assert.match(end.errors, /broken on purpose/)
      assert.doesNotMatch(end.output, /counts on/)
      assert.ok(end.took < END_MS, `${code}: ${end.took} ms`)
    }
  })

  test(`${engine}: a step of the start that hangs is ended by SIGTERM`, async (t) => {
    const env = await environmentOf(t, engine)
    for (const [file, name] of HANGING[engine]) {
      const { child, ended, output } = await start(t, env, file, hanging(name))
      while (!/hanging on purpose/.test(output()) && child.exitCode === null) await pause(10)
      const told = performance.now()
      child.kill('SIGTERM')
      const end = await ended
      assert.equal(end.code, 0, `${file} ${name}: ${end.errors}`)
      const took = performance.now() - told
      assert.ok(took < END_MS, `${file} ${name}: ${took} ms`)
    }
  })
}
