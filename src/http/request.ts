import { isAscii, isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { withoutPort } from '../address.ts'

type Incoming = Pick<IncomingMessage, 'url' | 'headers'>

/**
 * Addresses of X-Forwarded-For that are read: the last ones, which the nearest proxies wrote, of so many characters in all.
 * 16 kB hold thousands, and each costs some microseconds whenever the visitor's address is asked for.
 */
const MAX_ADDRESSES = 30
const MAX_FORWARDED = 2000
/** Characters of the longest Content-Type that is read. For 16 kB of parameters that takes over a millisecond. */
const MAX_CONTENT_TYPE = 500

/**
 * Reads a request's target, and rewrites the headers that clients and proxies write in several ways into one.
 * @param forwarded whether there are proxies whose X-Forwarded-* headers may be believed
 * @returns the path and query that the request asks for
 */
export function readRequest(request: Incoming, forwarded: boolean): string {
  const { headers } = request
  if (headers.referer !== undefined) headers.referer = decodeHeader(headers.referer)
  if ((headers['content-type']?.length ?? 0) > MAX_CONTENT_TYPE) delete headers['content-type']
  if (forwarded) {
    const { 'x-forwarded-for': addresses, 'x-forwarded-proto': protocols } = headers
    if (addresses !== undefined) {
      headers['x-forwarded-for'] = lastAddresses(String(addresses)).map(withoutPort).join(', ')
    }
    // Each proxy may add what it was asked by; the first is what the browser used.
    if (protocols !== undefined) {
      headers['x-forwarded-proto'] = String(protocols).split(',', 1).join().trim().toLowerCase()
    }
  }
  return targetOf(request)
}

/**
 * Percent-encodes what is no ASCII in a request line: `curl` sends an address as it was typed, and Node's parser refuses
 * such bytes. In headers it takes them.
 * @param bytes what a client sent, from the request line or within it
 */
export function encodeLine(bytes: Buffer): Buffer {
  if (isAscii(bytes)) return bytes
  const end = bytes.indexOf('\n')
  const line = end < 0 ? bytes : bytes.subarray(0, end)
  if (isAscii(line)) return bytes
  const encoded = line
    .toString('latin1')
    .replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)
  return Buffer.concat([Buffer.from(encoded, 'latin1'), bytes.subarray(line.length)])
}

function lastAddresses(header: string): string[] {
  const addresses = header.slice(-MAX_FORWARDED).split(',')
  // The first of them may be cut.
  if (header.length > MAX_FORWARDED) addresses.shift()
  return addresses.slice(-MAX_ADDRESSES)
}

/**
 * The path and query that a request asks for. An absolute address is asked for by its path, and its host is the one that
 * counts (RFC 9112, 3.2.2).
 */
function targetOf({ url = '', headers }: Incoming): string {
  if (url.startsWith('/')) return url
  const [, host, rest = ''] = /^https?:\/\/(?:[^/?#@]*@)?([^/?#@]+)(.*)$/i.exec(url) ?? []
  if (host === undefined) return url
  headers.host = host
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** A header of UTF-8, which Node reads as Latin-1. What is no UTF-8 stays as it is. */
function decodeHeader(value: string): string {
  if (!/[\x80-\xff]/.test(value) || /[^\x00-\xff]/.test(value)) return value
  const bytes = Buffer.from(value, 'latin1')
  return isUtf8(bytes) ? bytes.toString() : value
}
