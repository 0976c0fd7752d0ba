import ipaddr from 'ipaddr.js'
import { copyText } from './cache.ts'

/** Characters of the longest address, with a zone. What is longer is none, and a proxy may hand on 16 kB of it. */
const MAX_ADDRESS = 64

type Address = ipaddr.IPv4 | ipaddr.IPv6
export type Range = [Address, bits: number]

/**
 * Reads addresses and ranges in CIDR notation, v4 and v6.
 * @throws Error for what is neither
 */
export function parseRanges(texts: readonly string[]): Range[] {
  return texts.map((text) => {
    const [address, bits] = text.includes('/')
      ? ipaddr.parseCIDR(text)
      : [ipaddr.parse(text), Number.POSITIVE_INFINITY]
    const most = address.kind() === 'ipv4' ? 32 : 128
    const kept = Math.min(bits, most)
    // A v4 address that is written as v6 is compared as v4, and so are ranges of such.
    if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && kept >= 96) {
      return [address.toIPv4Address(), kept - 96]
    }
    return [address, kept]
  })
}

/** Whether an address is in one of the ranges. What is no address is in none. */
export function isInRanges(address: string, ranges: readonly Range[]): boolean {
  if (ranges.length === 0) return false
  const parsed = parse(address)
  return (
    parsed !== null &&
    ranges.some(([range, bits]) => {
      if (parsed instanceof ipaddr.IPv4)
        return range instanceof ipaddr.IPv4 && parsed.match(range, bits)
      return range instanceof ipaddr.IPv6 && parsed.match(range, bits)
    })
  )
}

/** What stands for one subscriber: a v4 address, or the /64 of a v6 one. What is no address stands for itself. */
export function subscriber(address: string): string {
  const parsed = parse(address)
  if (parsed === null) return copyText(address.slice(0, MAX_ADDRESS))
  return parsed instanceof ipaddr.IPv4 ? parsed.toString() : parsed.parts.slice(0, 4).join(':')
}

/** Some proxies put a port into X-Forwarded-For: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const WITH_PORT = /^"?(?:(\d+\.\d+\.\d+\.\d+)(?::\d+)?|\[([^\]]*)\](?::\d+)?)"?$/

/** One address of an X-Forwarded-For header, without the port, brackets and quotes that it may have. */
export function withoutPort(entry: string): string {
  const text = entry.trim()
  const [, v4, v6] = WITH_PORT.exec(text) ?? []
  return v4 ?? v6 ?? text
}

function parse(text: string): Address | null {
  if (text.length > MAX_ADDRESS) return null
  const address = withoutPort(text)
  // Without this, `127.1` and `1` would be addresses.
  const plain = /^\d+\.\d+\.\d+\.\d+$/.test(address) || address.includes(':')
  return plain && ipaddr.isValid(address) ? ipaddr.process(address) : null
}
