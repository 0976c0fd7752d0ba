import { isAscii, isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { withoutPort } from '../address.ts'

/**
 * Node's HTTP module, not imported: an import loads all of a module's exports, and this one then loads Node's own
 * fetch and WebSocket, which nothing here uses. They take 15 MB, and 40 ms of a start.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http')

type Incoming = Pick<IncomingMessage, 'url' | 'headers'>

/**
 * Bounds of X-Forwarded-For: only the last addresses are read, which the nearest proxies wrote. A header of 16 kB holds
 * thousands, and each costs some microseconds whenever the visitor's address is needed.
 */
const MAX_ADDRESSES = 30
const MAX_FORWARDED_LENGTH = 2000
/** Characters of the longest Content-Type that is read. Parsing 16 kB of parameters takes over a millisecond. */
const MAX_CONTENT_TYPE_LENGTH = 500

/**
 * Brings the headers that clients and proxies write in several ways into one form, in place.
 * @param forwarded whether there are proxies whose X-Forwarded-* headers may be believed
 * @returns the path and query of the request
 */
export function normalizeHead(request: Incoming, forwarded: boolean): string {
  const { headers } = request
  if (headers.referer !== undefined) headers.referer = decodeHeader(headers.referer)
  if ((headers['content-type']?.length ?? 0) > MAX_CONTENT_TYPE_LENGTH) {
    delete headers['content-type']
  }
  if (forwarded) {
    const { 'x-forwarded-for': addresses, 'x-forwarded-proto': protocols } = headers
    if (addresses !== undefined) {
      headers['x-forwarded-for'] = lastAddresses(String(addresses)).map(withoutPort).join(', ')
    }
    // Each proxy may add the protocol of its own connection; the first entry is the browser's.
    if (protocols !== undefined) {
      headers['x-forwarded-proto'] = String(protocols).split(',', 1).join().trim().toLowerCase()
    }
  }
  return targetOf(request)
}

/**
 * Percent-encodes the bytes of a request line that are not ASCII: `curl` sends an address as a person typed it, and
 * Node's parser refuses such bytes there. In headers it takes them.
 * @param bytes a part of what a client sent, which begins within a request line
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
  const addresses = header.slice(-MAX_FORWARDED_LENGTH).split(',')
  // The first one may be cut off in the middle.
  if (header.length > MAX_FORWARDED_LENGTH) addresses.shift()
  return addresses.slice(-MAX_ADDRESSES)
}

/**
 * The path and query of a request. A request line may also hold an absolute URL, whose host then replaces the Host header
 * (RFC 9112, 3.2.2).
 */
function targetOf({ url = '', headers }: Incoming): string {
  if (url.startsWith('/')) return url
  const [, host, rest = ''] = /^https?:\/\/(?:[^/?#@]*@)?([^/?#@]+)(.*)$/i.exec(url) ?? []
  if (host === undefined) return url
  headers.host = host
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Node reads headers as Latin-1. A value that is valid UTF-8 is decoded as that; any other stays as it is. */
function decodeHeader(value: string): string {
  if (!/[\x80-\xff]/.test(value) || /[^\x00-\xff]/.test(value)) return value
  const bytes = Buffer.from(value, 'latin1')
  return isUtf8(bytes) ? bytes.toString() : value
}
