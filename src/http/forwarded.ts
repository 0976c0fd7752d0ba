import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Settings } from '../../config.ts'
import { AddressRanges } from '../address.ts'

/** The ranges behind the names that TRUST_PROXY knows, as in proxy-addr. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.1/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

const FORWARDED = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded'] as const

/** Trusted addresses that are remembered. */
const MAX_TRUSTED = 1000

/**
 * Warns once about a proxy that TRUST_PROXY does not name. Behind it, all visitors seem to have the proxy's address and to
 * use plain HTTP. Nothing fails, but limits hold for all visitors together, and browsers drop the cookies on pages of other
 * sites.
 */
export function warnOfUntrustedProxy(
  app: FastifyInstance,
  trusted: Settings['http']['trustProxy'],
): void {
  if (trusted === true) return
  const list = trusted === false ? [] : trusted
  const ranges = new AddressRanges(list.flatMap((item) => NAMED[item] ?? [item]))
  const known = new Set<string>()
  let warned = false
  app.addHook('onRequest', (request, _reply, done) => {
    if (!warned && isForwarded(request.raw.headers)) warn(request.raw)
    done()
  })

  function warn({ headers, socket }: IncomingMessage): void {
    const address = socket.remoteAddress ?? ''
    if (known.has(address)) return
    if (ranges.has(address)) {
      if (known.size < MAX_TRUSTED) known.add(address)
      return
    }
    warned = true
    const [local] = Object.entries(NAMED).find(([, ranges]) =>
      new AddressRanges(ranges).has(address),
    ) ?? ['ADDRESS, the address of the proxy']
    const header = FORWARDED.find((name) => headers[name] !== undefined)
    app.log.warn(
      `A request with the header ${header} came from an address that TRUST_PROXY does not name, so the header is ignored. ` +
        `If a proxy stands in front of this service, set TRUST_PROXY=${local}. Without it, all visitors have one address, ` +
        'and HTTPS is not known. If there is no proxy, a client made the header up, and nothing needs to be done. ' +
        'This is said once.',
    )
  }
}

/** Runs for each request, so the names are written out: a loop over FORWARDED takes 170 ns, and this takes 10 to 20. */
function isForwarded(headers: IncomingHttpHeaders): boolean {
  return (
    headers['x-forwarded-for'] !== undefined ||
    headers['x-forwarded-proto'] !== undefined ||
    headers['x-forwarded-host'] !== undefined ||
    headers.forwarded !== undefined
  )
}
