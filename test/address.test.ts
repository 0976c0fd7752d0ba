import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { AddressRanges, subscriber } from '../src/address.ts'

const cases: [range: string, address: string, within: boolean][] = [
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '192.0.2.8', false],
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['192.0.2.99/24', '192.0.2.1', true],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['10.0.0.0/8', '::ffff:a01:203', true],
  ['10.0.0.0/8', '10.1.2.3:50123', true],
  ['::ffff:10.0.0.0/104', '10.9.9.9', true],
  ['::ffff:10.0.0.0/104', '11.9.9.9', false],
  ['2001:db8::/32', '2001:db8:1::5', true],
  ['2001:db8::/32', '2001:DB8:0:0::5', true],
  ['2001:db8::/32', '2001:db9::', false],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['2001:db8::/32', '[2001:db8::1]:4711', true],
  ['2001:db8::/32', '"[2001:db8::1]"', true],
  ['10.0.0.0/8', '[::ffff:10.1.2.3]:80', true],
  ['2001:db8::/32', '[2001:db9::1]:4711', false],
  ['0.0.0.0/1', '[1.2.3.4', false],
  ['::ffff:0:0/96', '10.0.0.1', true],
  ['::ffff:10.0.0.0/90', '10.0.0.1', false],
  ['::1', '::1', true],
  ['::/1', '10.0.0.1', false],
  ['0.0.0.0/1', '::1', false],
  ['0.0.0.0/1', '1', false],
  ['0.0.0.0/1', '127.1', false],
  ['0.0.0.0/1', '0x7f.1.1.1', false],
  ['0.0.0.0/1', '', false],
  ['0.0.0.0/1', 'unknown', false],
  ['0.0.0.0/1', '1.2.3.4, 5.6.7.8', false],
]
for (const [range, address, within] of cases) {
  test(`${address || 'nothing'} is ${within ? '' : 'not '}in ${range}`, () => {
    assert.equal(new AddressRanges([range]).has(address), within)
    assert.equal(new AddressRanges(['203.0.113.9', range]).has(address), within, 'nor of two')
  })
}

test('nothing is in no range', () => assert.equal(new AddressRanges([]).has('192.0.2.7'), false))

test('a subscriber is a v4 address, or a /64 of v6', () => {
  assert.equal(subscriber('::ffff:192.0.2.7'), subscriber('192.0.2.7'))
  assert.equal(subscriber('192.0.2.7:1234'), subscriber('192.0.2.7'))
  assert.notEqual(subscriber('192.0.2.7'), subscriber('192.0.2.8'))
  assert.equal(subscriber('2001:db8:1:2::1'), subscriber('2001:db8:1:2:ffff::9'))
  assert.notEqual(subscriber('2001:db8:1:2::1'), subscriber('2001:db8:1:3::1'))
  assert.equal(subscriber('unknown'), 'unknown')
})

test('an address is in a range exactly if its bits are, for any input', () => {
  const v4 = fc.nat(0xffffffff)
  const text = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
  fc.assert(
    fc.property(v4, v4, fc.integer({ min: 1, max: 32 }), (address, network, bits) => {
      const mask = bits === 32 ? 0xffffffff : ~(0xffffffff >>> bits) >>> 0
      const expected = (address & mask) >>> 0 === (network & mask) >>> 0
      const ranges = new AddressRanges([`${text(network)}/${bits}`])
      assert.equal(ranges.has(text(address)), expected)
      assert.equal(ranges.has(`::ffff:${text(address)}`), expected)
    }),
  )
  fc.assert(
    fc.property(fc.string(), (sent) => {
      new AddressRanges(['0.0.0.0/1', '::/1']).has(sent)
      assert.equal(typeof subscriber(sent), 'string')
    }),
  )
})
