import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { readSettings } from '../../config.ts'
import { checks } from '../../src/checks.ts'
import { sweepAll } from '../../src/housekeeping.ts'
import { startService } from '../../src/service.ts'
import { build, cookieOf, T0, temporaryFolder } from '../harness/app.ts'

const WINDOW_MS = 300_000
const DAY_MS = 86_400_000
const BACK = { 'a day': DAY_MS, 'a year': 365 * DAY_MS }

for (const [name, ms] of Object.entries(BACK)) {
  test(`a clock that is set back by ${name} while it runs: nothing is lost or negative, and windows end`, async (t) => {
    const { get, store, clock } = await build(t)
    const first = await get('/count?url=example.com')
    const cookie = cookieOf(first)
    clock.now = T0 - ms
    assert.equal((await get('/count?url=example.com')).body, '2')
    assert.equal((await get('/count?url=example.com', { cookie })).body, '2', 'still a repeat')
    const json = (await get('/count.json?url=example.com')).json()
    assert.equal(json.count, 3)
    for (const period of ['today', '7d', '30d']) {
      const shown = Number((await get(`/nocount?url=example.com&period=${period}`)).body)
      assert.ok(shown >= 0 && shown <= 3, `${period}: ${shown}`)
    }
    const active = Number((await get('/active?url=example.com')).body)
    assert.ok(active >= 0 && active <= 3, `${active} active`)
    // As housekeeping does every second.
    await sweepAll(store, WINDOW_MS, clock.now)
    clock.now += WINDOW_MS + 1
    assert.equal(
      (await get('/count?url=example.com', { cookie })).body,
      '4',
      'the window has ended',
    )
    clock.now = T0 + ms
    assert.equal((await get('/count?url=example.com')).body, '5', 'and forward again')
    assert.equal((await get('/nocount?url=example.com')).body, '5')
  })

  test(`a clock that was set back by ${name} between two runs: the same`, async (t) => {
    const file = join(temporaryFolder(t), 'data.db')
    const config = readSettings(checks, {
      DATABASE_FILE_PATH: file,
      PORT: '0',
      LOG_LEVEL: 'silent',
    })
    const visit = (app: { inject: typeof first.app.inject }, cookie = '') =>
      app.inject({ url: '/count?url=example.com', headers: cookie === '' ? {} : { cookie } })
    const first = await startService(config, () => T0)
    const counted = await visit(first.app)
    assert.equal(counted.body, '1')
    const cookie = cookieOf(counted)
    await first.close()
    let now = T0 - ms
    const second = await startService(config, () => now)
    t.after(() => second.close())
    assert.equal((await visit(second.app)).body, '2')
    now += WINDOW_MS + 1
    assert.equal((await visit(second.app, cookie)).body, '3', 'the window has ended')
    assert.equal((await second.app.inject('/nocount?url=example.com')).body, '3')
  })
}
