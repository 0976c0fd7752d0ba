import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import test from 'node:test'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { AddressRanges, parseRange, subscriber } from '../src/address.ts'

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
  ['10.0.0.0/8', '010.1.2.3', false],
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

test('an address is in many ranges exactly if it is in one of them', () => {
  const v4 = fc.tuple(fc.constantFrom(10, 192), fc.nat(3), fc.nat(3), fc.nat(255))
  const v6 = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(0xffff))
  const address = fc.oneof(
    v4.map((parts) => parts.join('.')),
    v6.map(([a, b, c]) => `2001:db8:${a}::${b}:${c.toString(16)}`),
  )
  const range = fc
    .tuple(address, fc.integer({ min: 12, max: 128 }))
    .map(([text, bits]) => `${text}/${text.includes(':') ? bits : Math.min(bits, 32)}`)
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), address, (ranges, text) => {
      const within = ranges.some((each) => new AddressRanges([each]).has(text))
      assert.equal(new AddressRanges(ranges).has(text), within)
    }),
    { numRuns: 1000 },
  )
})

test('every form of an address is read as ipaddr.js reads it', () => {
  const text = fc.oneof(
    fc.ipV6(),
    fc.ipV4(),
    fc.string({ unit: fc.constantFrom('1', ':', '::', 'ff', '0', 'A', '.', '%'), maxLength: 14 }),
  )
  fc.assert(
    fc.property(text, (text) => {
      if (isIP(text) === 0 || !ipaddr.isValid(text)) return
      const bytes = Buffer.from(ipaddr.process(text).toByteArray())
      const { version, first } = parseRange(text)
      assert.equal(version, bytes.length === 4 ? 4 : 6)
      assert.equal(first % 2n ** 128n, BigInt(`0x${bytes.toString('hex')}`))
    }),
    { numRuns: 2000 },
  )
})

test('ranges hold everybody if they leave out no address of v4 or of v6', () => {
  const all: [ranges: string[], everybody: boolean][] = [
    [['0.0.0.0/0'], true],
    [['::/0'], true],
    [['0.0.0.0/1', '128.0.0.0/1'], true],
    [['128.0.0.0/1', '0.0.0.0/2', '64.0.0.0/2', '1.2.3.4'], true],
    [['0.0.0.0/1', '128.0.0.0/2'], false],
    [['0.0.0.1', '128.0.0.0/1'], false],
    [['::/1', '8000::/1'], true],
    [['::/1', '8000::/2', 'c000::/3'], false],
    [['0.0.0.0/1', '8000::/1'], false],
    [[], false],
  ]
  for (const [ranges, everybody] of all) {
    assert.equal(new AddressRanges(ranges).holdEverybody, everybody, ranges.join(', '))
  }
})
