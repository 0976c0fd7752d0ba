import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { copyText } from './cache.ts'

/** Characters of the longest address, with a zone. A proxy may pass on up to 16 kB of text instead of an address. */
const MAX_ADDRESS = 64

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Every address is a number. Those of v4 follow those of v6, so that no range of one version holds an address of the other. */
const FIRST_V4 = 1n << 128n
const LAST_V4 = FIRST_V4 + 0xffff_ffffn
/** What the numbers of v4 addresses in the form of v6 begin with: `::ffff:192.0.2.1`. */
const MAPPED = 0xffffn

/** A range in CIDR notation, from its first address to its last. */
export interface Range {
  version: 4 | 6
  bits: number
  first: bigint
  last: bigint
}

/** Addresses and ranges in CIDR notation, v4 and v6. To look an address up takes the logarithm of their number. */
export class AddressRanges {
  /** Sorted, and none within another one: of two ranges of CIDR, one lies within the other, or they have nothing in common. */
  readonly #ranges: Range[] = []
  readonly #firsts: readonly bigint[]
  /** The first and last addresses of the ranges of v4. Most visits have such an address, and plain numbers are faster. */
  readonly #firstV4: Uint32Array
  readonly #lastV4: Uint32Array

  /** @throws Error for other texts */
  constructor(texts: readonly string[]) {
    const bySize = (a: Range, b: Range) => Number(a.first - b.first) || a.bits - b.bits
    for (const range of texts.map(parseRange).sort(bySize)) {
      const before = this.#ranges.at(-1)
      if (before === undefined || range.last > before.last) this.#ranges.push(range)
    }
    this.#firsts = this.#ranges.map(({ first }) => first)
    const ofV4 = this.#ranges.filter(({ version }) => version === 4)
    this.#firstV4 = Uint32Array.from(ofV4, ({ first }) => Number(first - FIRST_V4))
    this.#lastV4 = Uint32Array.from(ofV4, ({ last }) => Number(last - FIRST_V4))
  }

  get size(): number {
    return this.#ranges.length
  }

  /** Whether every address of v4, or every one of v6, is in one of the ranges. */
  get holdEverybody(): boolean {
    return this.#holdAll(0n, FIRST_V4 - 1n) || this.#holdAll(FIRST_V4, LAST_V4)
  }

  #holdAll(first: bigint, last: bigint): boolean {
    let next = first
    for (const range of this.#ranges) if (range.first === next) next = range.last + 1n
    return next > last
  }

  /**
   * Whether an address is in one of the ranges. A text that is not an address is in none, nor is the missing address of a
   * connection that has been closed.
   */
  has(text: string | undefined): boolean {
    if (this.size === 0 || text === undefined) return false
    const v4 = readV4(text)
    if (v4 >= 0) {
      const index = lastUpTo(this.#firstV4, v4)
      return index >= 0 && v4 <= (this.#lastV4[index] as number)
    }
    const address = readAddress(text)
    if (address === null) return false
    const index = lastUpTo(this.#firsts, address)
    return index >= 0 && address <= (this.#ranges[index] as Range).last
  }
}
/**
 * Reads an address or a range in CIDR notation, v4 or v6. A v4 one that is written as v6 is taken as v4.
 * @throws Error for other texts
 */
export function parseRange(text: string): Range {
  const [, name = '', given] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const written = numberOf(name)
  const isV4 = written !== null && written >= FIRST_V4
  const bits = Number(given ?? (isV4 ? 32 : 128))
  if (written === null || bits > (isV4 ? 32 : 128)) {
    throw new Error(`"${text}" is not an address, or a range such as 192.0.2.0/24 or 2001:db8::/32`)
  }
  const isMapped = bits >= 96 && written >> 32n === MAPPED
  const version = isV4 || isMapped ? 4 : 6
  const size = 1n << BigInt((isV4 ? 32 : 128) - bits)
  const address = isMapped ? withoutMapping(written) : written
  const first = address - (address % size)
  return { version, bits: isMapped ? bits - 96 : bits, first, last: first + size - 1n }
}

/** The last place in a sorted list whose value is at most this one; -1 if there is none. */
function lastUpTo<Value extends number | bigint>(sorted: ArrayLike<Value>, value: Value): number {
  let from = 0
  let to = sorted.length
  while (from < to) {
    const middle = (from + to) >> 1
    if ((sorted[middle] as Value) <= value) from = middle + 1
    else to = middle
  }
  return from - 1
}

/** How Node writes v4 addresses for a service that listens on `::`. */
const MAPPED_TEXT = '::ffff:'

/**
 * The number of a v4 address, or -1 for every other text. It runs for every visit: to split the text and to read its parts takes
 * several times as long.
 */
function readV4(text: string): number {
  let address = 0
  let parts = 0
  let part = -1
  for (let at = text.startsWith(MAPPED_TEXT) ? MAPPED_TEXT.length : 0; at <= text.length; at++) {
    const digit = at < text.length ? text.charCodeAt(at) - 48 : -2
    if (digit === -2) {
      // A dot, or the end.
      if (part < 0) return -1
      address = address * 256 + part
      parts += 1
      part = -1
    } else {
      // A part with a leading zero is octal to some programs.
      if (digit < 0 || digit > 9 || part === 0 || parts > 3) return -1
      part = part < 0 ? digit : part * 10 + digit
      if (part > 255) return -1
    }
  }
  return parts === 4 ? address : -1
}

/** The number of an address, in one of the forms in which a connection or a proxy gives it; null for other texts. */
function readAddress(text: string): bigint | null {
  if (text.length > MAX_ADDRESS) return null
  const number = numberOf(text) ?? numberOf(withoutPort(text))
  return number === null ? null : withoutMapping(number)
}

/** The number of a v4 address for one in the form of v6; every other one stays. */
function withoutMapping(address: bigint): bigint {
  return address >> 32n === MAPPED ? FIRST_V4 + (address & 0xffff_ffffn) : address
}

/** The number of an address; null for other texts. It runs for every visit: ipaddr.js takes 15 us for an address of v6. */
function numberOf(text: string): bigint | null {
  if (isIPv4(text)) {
    return FIRST_V4 + BigInt(text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0))
  }
  if (!isIPv6(text)) return null
  const [address = ''] = text.split('%')
  if (address.includes('.')) {
    const bytes = Buffer.from(ipaddr.parse(address).toByteArray())
    return BigInt(`0x${bytes.toString('hex')}`)
  }
  const [before = [], after] = address
    .split('::')
    .map((side) => (side === '' ? [] : side.split(':').map((group) => group.padStart(4, '0'))))
  const missing = after === undefined ? 0 : 8 - before.length - after.length
  return BigInt(`0x${[...before, '0000'.repeat(missing), ...(after ?? [])].join('')}`)
}

/** The part of an address that identifies a subscriber: all of a v4 address, the /64 of a v6 one. Other texts stay. */
export function subscriber(address: string): string {
  const parsed = parse(address)
  if (parsed === null) return copyText(address.slice(0, MAX_ADDRESS))
  return parsed instanceof ipaddr.IPv4 ? parsed.toString() : parsed.parts.slice(0, 4).join(':')
}

/** An address as some proxies write it in X-Forwarded-For, with a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const WITH_PORT = /^"?(?:(\d+\.\d+\.\d+\.\d+)(?::\d+)?|\[([^\]]*)\](?::\d+)?)"?$/

/** One address of an X-Forwarded-For header, without port, brackets and quotes. */
export function withoutPort(entry: string): string {
  const text = entry.trim()
  const [, v4, v6] = WITH_PORT.exec(text) ?? []
  return v4 ?? v6 ?? text
}

function parse(text: string): Address | null {
  if (text.length > MAX_ADDRESS) return null
  const address = withoutPort(text)
  // ipaddr.js alone would accept `127.1` and `1`.
  const plain = /^\d+\.\d+\.\d+\.\d+$/.test(address) || address.includes(':')
  return plain && ipaddr.isValid(address) ? ipaddr.process(address) : null
}

/** The address that leads to a service which listens on a host, such as `http://localhost:8080`. */
export function originOf(host: string, port: number): string {
  const name = /^(0\.0\.0\.0|::)$/.test(host) ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
