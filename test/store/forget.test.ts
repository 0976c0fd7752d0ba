import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import test from 'node:test'
import Database from 'better-sqlite3'
import { sweepAll } from '../../src/housekeeping.ts'
import type { PageKey } from '../../src/page.ts'
import { secretMaker } from '../../src/token.ts'
import { build } from '../harness/app.ts'

const MINUTE_MS = 60_000
const WINDOW_MS = 300_000

test('when windows have ended, their tokens are in neither the file nor its log', async (t) => {
  const { store, databaseFile, clock } = await build(t)
  const newSecret = secretMaker(12)
  const secrets: string[] = []
  const open = async (many: number, windowMs = WINDOW_MS) => {
    const hits = Array.from({ length: many }, (_, at) => {
      const secret = newSecret()
      secrets.push(secret)
      const page = `example.com/${at % 20}` as PageKey
      return store.count({ page, at: clock.now, window: { secret, endsAt: clock.now + windowMs } })
    })
    await Promise.all(hits)
  }
  /** The number of the first secrets that the database's files contain. */
  const held = (many: number) => {
    const files = [databaseFile, `${databaseFile}-wal`].filter(existsSync)
    const bytes = files.map((file) => readFileSync(file, 'latin1')).join('')
    return secrets.slice(0, many).filter((secret) => bytes.includes(secret)).length
  }
  const checkpoint = (mode: 'passive' | 'truncate') => {
    const other = new Database(databaseFile)
    other.pragma(`wal_checkpoint(${mode})`)
    other.close()
  }
  for (let batch = 0; batch < 40; batch++) await open(50)
  checkpoint('passive')
  clock.now += WINDOW_MS / 2
  // Some of these share a block with the tokens that end first.
  await open(50)
  assert.equal(held(2000), 2000)
  clock.now += WINDOW_MS / 2
  assert.equal(await sweepAll(store, WINDOW_MS, clock.now), 2000)
  await store.maintain(clock.now)
  assert.equal(held(2000), 0, 'they are gone')
  assert.equal(held(2050), 50, 'the others are there')

  clock.now += WINDOW_MS / 2
  assert.equal(await sweepAll(store, WINDOW_MS, clock.now), 50)
  await store.maintain(clock.now)
  assert.equal(held(2050), 0)
  // Soon after, the log is not emptied again; a minute later it is.
  await open(1, 10_000)
  clock.now += 10_000
  assert.equal(await sweepAll(store, WINDOW_MS, clock.now), 1)
  await store.maintain(clock.now)
  assert.equal(held(2051), 1, 'in the log')
  clock.now += MINUTE_MS - 10_000
  await store.maintain(clock.now)
  assert.equal(held(2051), 0)
})

test('the order in which pages were visited is gone from the file once it is rolled up', async (t) => {
  const { store, databaseFile, clock } = await build(t)
  const page = (at: number) => `example.com/${at}` as PageKey
  const count = (at: number) => store.count({ page: page(at), at: clock.now, window: null })
  await Promise.all(Array.from({ length: 300 }, (_, at) => count(at)))
  const order = [211, 17, 105, 42, 299]
  for (let again = 0; again < 3; again++) await Promise.all(order.map(count))
  const database = new Database(databaseFile, { readonly: true })
  const ids = order.map((at) =>
    database.prepare('select id from page where key = ?').pluck().get(page(at)),
  )
  database.close()
  const inFile = () => readFileSync(databaseFile, 'latin1').includes(`[${ids.join()}]`)
  const other = new Database(databaseFile)
  other.pragma('wal_checkpoint(passive)')
  other.close()
  assert.ok(inFile(), 'a row of the journal has it until then')
  await store.close()
  assert.ok(!inFile())
})
