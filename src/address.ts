import ipaddr from 'ipaddr.js'
import { copyText } from './cache.ts'

/** Characters of the longest address, with a zone. A proxy may pass on up to 16 kB of text instead of an address. */
const MAX_ADDRESS = 64

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** An address as numbers of 32 bits: one for v4, four for v6. */
type Parts = readonly number[]

const MAX_PART = 0xffffffff

/** A range in CIDR notation. */
export interface Range {
  version: 4 | 6
  bits: number
  first: Parts
  last: Parts
}

/** Addresses and ranges in CIDR notation, v4 and v6. To look an address up takes the logarithm of their number. */
export class AddressRanges {
  readonly size: number
  readonly #v4: SortedRanges
  readonly #v6: SortedRanges

  /** @throws Error for other texts */
  constructor(texts: readonly string[]) {
    const ranges = texts.map(parseRange)
    this.size = ranges.length
    this.#v4 = new SortedRanges(ranges.filter(({ version }) => version === 4))
    this.#v6 = new SortedRanges(ranges.filter(({ version }) => version === 6))
  }

  /** Whether every address of v4, or every one of v6, is in one of the ranges. */
  get holdEverybody(): boolean {
    return this.#v4.areComplete || this.#v6.areComplete
  }

  /**
   * Whether an address is in one of the ranges. A text that is not an address is in none, nor is the missing address of a
   * connection that has been closed.
   */
  has(address: string | undefined): boolean {
    if (this.size === 0 || address === undefined) return false
    const parts = readAddress(address)
    if (parts === null) return false
    return (parts.length === 1 ? this.#v4 : this.#v6).has(parts)
  }
}

/** Ranges of one version, sorted. Of two ranges of CIDR, one lies within the other, or they have nothing in common. */
class SortedRanges {
  readonly #firsts: Parts[] = []
  readonly #lasts: Parts[] = []

  constructor(ranges: readonly Range[]) {
    for (const { first, last } of ranges.toSorted((a, b) => compare(a.first, b.first))) {
      const before = this.#lasts.at(-1)
      if (before !== undefined && compare(last, before) <= 0) continue
      this.#firsts.push(first)
      this.#lasts.push(last)
    }
  }

  /** Whether they leave no address out. */
  get areComplete(): boolean {
    const isNext = (first: Parts, at: number) => {
      const before = this.#lasts[at - 1]
      return before === undefined ? first.every((part) => part === 0) : follows(first, before)
    }
    return (
      this.#lasts.at(-1)?.every((part) => part === MAX_PART) === true && this.#firsts.every(isNext)
    )
  }

  has(address: Parts): boolean {
    let from = 0
    let to = this.#firsts.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (compare(this.#firsts[middle] as Parts, address) <= 0) from = middle + 1
      else to = middle
    }
    return from > 0 && compare(address, this.#lasts[from - 1] as Parts) <= 0
  }
}

function compare(a: Parts, b: Parts): number {
  for (let at = 0; at < a.length; at++) {
    const difference = (a[at] as number) - (b[at] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** Whether an address is the next one after another. */
function follows(address: Parts, before: Parts): boolean {
  const next = [...before]
  let at = next.length - 1
  for (; at > 0 && next[at] === MAX_PART; at--) next[at] = 0
  next[at] = (next[at] as number) + 1
  return compare(address, next) === 0
}

/**
 * Reads an address or a range in CIDR notation, v4 or v6. A v4 one that is written as v6 is taken as v4.
 * @throws Error for other texts
 */
export function parseRange(text: string): Range {
  const [name = '', given, ...more] = text.split('/')
  const v6 = name.includes(':') && name.length <= MAX_ADDRESS && ipaddr.isValid(name)
  const parts = readV4(name) ?? readV6(name) ?? (v6 ? partsOf(ipaddr.parse(name)) : null)
  const bits = given === undefined ? 32 * (parts?.length ?? 0) : Number(given)
  const isRange = given === undefined || (/^\d{1,3}$/.test(given) && more.length === 0)
  if (parts === null || !isRange || bits > 32 * parts.length) {
    throw new Error(`"${text}" is not an address, or a range such as 192.0.2.0/24 or 2001:db8::/32`)
  }
  if (isMapped(parts) && bits >= 96) return rangeOf(parts.slice(3), bits - 96)
  return rangeOf(parts, bits)
}

function rangeOf(address: Parts, bits: number): Range {
  const version = address.length === 1 ? 4 : 6
  const sizes = address.map((_, at) => 2 ** (32 - Math.min(32, Math.max(0, bits - 32 * at))))
  const first = address.map((part, at) => part - (part % (sizes[at] as number)))
  const last = first.map((part, at) => part + (sizes[at] as number) - 1)
  return { version, bits, first, last }
}

/** The numbers of an address; those of the v4 one for a v4 address in the form of v6. Null for other texts. */
function readAddress(text: string): Parts | null {
  // Node writes so for a service that listens on `::`.
  const plain = readV4(text.startsWith('::ffff:') ? text.slice(7) : text) ?? readV6(text)
  if (plain !== null) return isMapped(plain) ? plain.slice(3) : plain
  const address = parse(text)
  return address === null ? null : partsOf(address)
}

function isMapped(parts: Parts): boolean {
  return parts.length === 4 && parts[0] === 0 && parts[1] === 0 && parts[2] === 0xffff
}

function partsOf(address: Address): Parts {
  const bytes = Buffer.from(address.toByteArray())
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32BE(4 * at))
}

// These two read what Node writes, digit by digit: with rules for addresses they run for every visit, and ipaddr.js takes 1 us
// for v4 and 15 for v6.

/** The number of a v4 address; null for every other text. */
function readV4(text: string): Parts | null {
  let sum = 0
  let dots = 0
  let part = -1
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - ZERO
    if (text[at] === '.' && part >= 0) {
      sum = sum * 256 + part
      dots += 1
      part = -1
      continue
    }
    // Some programs read a part that begins with 0 as octal.
    if (digit < 0 || digit > 9 || part === 0) return null
    part = Math.max(part, 0) * 10 + digit
    if (part > 255) return null
  }
  return dots === 3 && part >= 0 ? [sum * 256 + part] : null
}

/** The numbers of a v6 address; null for one with a zone or a v4 address in it, and for every other text. */
function readV6(text: string): Parts | null {
  const groups: number[] = []
  /** How many groups stand before `::`. */
  let before = text.startsWith('::') ? 0 : null
  for (let at = before === null ? 0 : 2; at < text.length; at++) {
    const next = text.indexOf(':', at)
    const end = next < 0 ? text.length : next
    const group = readGroup(text, at, end)
    if (group === null || groups.length === 8) return null
    groups.push(group)
    at = end
    if (end === text.length) break
    if (text[end + 1] === ':' && before === null) {
      before = groups.length
      at += 1
    } else if (end + 1 === text.length) return null
  }
  const missing = 8 - groups.length
  if (before === null ? missing !== 0 : missing < 1) return null
  if (before !== null) groups.splice(before, 0, ...Array<number>(missing).fill(0))
  return [0, 2, 4, 6].map((at) => (groups[at] as number) * 65_536 + (groups[at + 1] as number))
}

/** A group of one to four hexadecimal digits; null for anything else. */
function readGroup(text: string, from: number, to: number): number | null {
  if (to - from < 1 || to - from > 4) return null
  let group = 0
  for (let at = from; at < to; at++) {
    const digit = HEX.indexOf(text[at] as string)
    if (digit < 0) return null
    group = group * 16 + (digit < 16 ? digit : digit - 6)
  }
  return group
}

const ZERO = '0'.charCodeAt(0)
const HEX = '0123456789abcdefABCDEF'

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
