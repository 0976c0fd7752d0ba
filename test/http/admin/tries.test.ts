import assert from 'node:assert/strict'
import test from 'node:test'
import { Tries } from '../../../src/http/admin/tries.ts'
import { MINUTE_MS } from '../../../src/time.ts'

function make() {
  const clock = { now: 0 }
  const reports: number[] = []
  const tries = new Tries(
    () => clock.now,
    (count) => reports.push(count),
  )
  const isRefused = (address: string) => {
    try {
      tries.check(address)
      return false
    } catch {
      return true
    }
  }
  const fail = (address: string, times = 1) => {
    for (let time = 0; time < times; time++) tries.fail(address)
  }
  return { clock, reports, isRefused, fail }
}

test('an address may try ten wrong secrets in a minute', () => {
  const { clock, isRefused, fail } = make()
  fail('192.0.2.1', 9)
  assert.equal(isRefused('192.0.2.1'), false)
  fail('192.0.2.1')
  assert.equal(isRefused('192.0.2.1'), true)
  assert.equal(isRefused('192.0.2.2'), false)
  clock.now = MINUTE_MS - 1
  assert.equal(isRefused('192.0.2.1'), true)
  clock.now = MINUTE_MS
  assert.equal(isRefused('192.0.2.1'), false)
  fail('192.0.2.1', 9)
  assert.equal(isRefused('192.0.2.1'), false, 'a new minute')
})

test('all addresses of a subscriber are one', () => {
  const { isRefused, fail } = make()
  for (let at = 0; at < 10; at++) fail(`2001:db8::${at}`)
  assert.equal(isRefused('2001:db8::abcd'), true)
  assert.equal(isRefused('2001:db8:0:1::1'), false)
})

test('of 10,000 addresses, the one whose minute began first is forgotten', () => {
  const { isRefused, fail } = make()
  fail('192.0.2.1', 10)
  const others = (count: number) => {
    for (let at = 0; at < count; at++) fail(`10.0.${at >> 8}.${at & 255}`)
  }
  others(9999)
  assert.equal(isRefused('192.0.2.1'), true)
  fail('198.51.100.1')
  assert.equal(isRefused('192.0.2.1'), false)
})

test('wrong tries are reported once a minute, with their number', () => {
  const { clock, reports, fail } = make()
  fail('192.0.2.1', 5)
  assert.deepEqual(reports, [1])
  clock.now = MINUTE_MS
  fail('192.0.2.2')
  assert.deepEqual(reports, [1, 5])
})
