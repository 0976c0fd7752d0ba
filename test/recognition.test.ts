import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import test from 'node:test'
import type { PageKey } from '../src/page.ts'
import { LiveHashes, Recognition } from '../src/recognition.ts'
import { T0 } from './harness/app.ts'

const WINDOW = 300_000
const page = 'p.example' as PageKey
const from = (address: string, agent = 'Firefox') => ({ address, agent, site: '' })
const LIMITED = { windowMs: WINDOW, limit: 2, pageLimit: 0, fingerprint: false }
const FINGERPRINTS = { windowMs: WINDOW, limit: 0, pageLimit: 0, fingerprint: true }

test('all addresses of a subscriber count as one; limits ignore the user agent', () => {
  const limits = new Recognition(LIMITED)
  const until = (visitor: ReturnType<typeof from>) =>
    limits.recognise(visitor, page, T0).limitedUntil
  limits.recognise(from('2001:db8:0:1::1'), page, T0).admit()
  limits.recognise(from('2001:db8:0:1::2', 'curl/8'), page, T0).admit()
  assert.equal(until(from('2001:db8:0:1:ffff::3', 'Chrome')), T0 + WINDOW)
  assert.equal(until(from('2001:db8:0:2::1')), null)
  const fingerprints = new Recognition(FINGERPRINTS)
  fingerprints.recognise(from('2001:db8:0:1::1'), page, T0).admit()
  const other = fingerprints.recognise(from('2001:db8:0:1::2'), page, T0)
  assert.equal(other.repeatUntil, T0 + WINDOW)
})

test('a visit that could not be stored is forgotten, and no other', () => {
  const recognition = new Recognition(LIMITED)
  recognition.recognise(from('192.0.2.1'), page, T0).admit()
  const forget = recognition.recognise(from('192.0.2.1'), page, T0 + 1000).admit()
  forget()
  forget()
  recognition.recognise(from('192.0.2.1'), page, T0 + 2000).admit()
  const { limitedUntil } = recognition.recognise(from('192.0.2.1'), page, T0 + 3000)
  assert.equal(limitedUntil, T0 + WINDOW, 'the first is still there')
})

test('when the capacity is used up, the oldest visits are removed', () => {
  const hashes = new LiveHashes(100)
  for (let number = 0; number < 250; number++) hashes.add(String(number), T0 + number)
  assert.deepEqual(hashes.ends('149'), [])
  assert.deepEqual(hashes.ends('150'), [T0 + 150])
})

test('it still works after many windows have ended', () => {
  const recognition = new Recognition(FINGERPRINTS)
  for (let number = 0; number < 5000; number++) {
    recognition.recognise(from(`10.0.${number >> 8}.${number & 255}`), page, T0 + number).admit()
  }
  const isKnown = (address: string, now: number) =>
    recognition.recognise(from(address), page, now).repeatUntil !== null
  const early = T0 + WINDOW + 2999
  recognition.sweep(early)
  assert.deepEqual(
    [isKnown('10.0.11.183', T0 + 4999), isKnown('10.0.11.184', T0 + 4999)],
    [false, true],
  )
  recognition.recognise(from('192.0.2.1'), page, early).admit()
  recognition.sweep(T0 + WINDOW + 4999)
  assert.deepEqual([isKnown('10.0.19.135', T0 + 4999), isKnown('192.0.2.1', early)], [false, true])
  recognition.sweep(early + WINDOW)
  assert.equal(isKnown('192.0.2.1', early), false)
})

test('no hash is made unless a setting needs it', (t) => {
  const createHmac = t.mock.method(crypto, 'createHmac')
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  const recognition = new Recognition({ ...LIMITED, limit: 0 })
  recognition.recognise(from('192.0.2.1'), page, T0).admit()
  assert.equal(createHmac.mock.callCount(), 0)
  new Recognition(LIMITED).recognise(from('192.0.2.1'), page, T0)
  assert.equal(createHmac.mock.callCount(), 1)
})

test('every day, UTC, has its own key, even without visits', (t) => {
  let keys = 0
  const { randomBytes } = crypto
  t.mock.method(crypto, 'randomBytes', (bytes: number) => {
    keys += 1
    return randomBytes(bytes)
  })
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  const recognition = new Recognition(FINGERPRINTS)
  const midnight = T0 + 12 * 3_600_000
  for (const now of [T0, T0 + 1000, midnight - 1]) recognition.sweep(now)
  assert.equal(keys, 1)
  recognition.sweep(midnight)
  assert.equal(keys, 2)
  recognition.recognise(from('192.0.2.1'), page, midnight + 86_400_000)
  assert.equal(keys, 3)
})
