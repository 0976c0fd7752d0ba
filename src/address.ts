import ipaddr from 'ipaddr.js'
import { copyText } from './cache.ts'

/** Characters of the longest address, with a zone. A proxy may pass on up to 16 kB of text instead of an address. */
const MAX_ADDRESS = 64

type Address = ipaddr.IPv4 | ipaddr.IPv6
export type Range = [Address, bits: number]

/**
 * Reads addresses and ranges in CIDR notation, v4 and v6.
 * @throws Error for other texts
 */
export function parseRanges(texts: readonly string[]): Range[] {
  return texts.map((text) => {
    const [address, bits] = text.includes('/')
      ? ipaddr.parseCIDR(text)
      : [ipaddr.parse(text), Number.POSITIVE_INFINITY]
    const prefix = Math.min(bits, address.kind() === 'ipv4' ? 32 : 128)
    // A v4 address or range that is written as v6 is compared as v4.
    if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && prefix >= 96) {
      return [address.toIPv4Address(), prefix - 96]
    }
    return [address, prefix]
  })
}

/** Whether an address is in one of the ranges. A text that is not an address is in none. */
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
