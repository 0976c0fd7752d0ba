import type { Settings } from '../../config.ts'
import { originOf } from '../address.ts'
import { LINK_MS, makeLink } from '../sign-in.ts'
import { MINUTE_MS } from '../time.ts'
import { administer } from './administration.ts'
import type { Output } from './usage.ts'

/** How long the service may take to answer, in ms. */
const ANSWER_MS = 2000

/**
 * `sign-in`: prints a link that signs a browser in, once. Warns if no service answers where the link leads; that is not tried if
 * PUBLIC_URL says where it is.
 * @throws CommandFailure
 */
export async function runSignIn(
  { json }: { json?: true },
  settings: Settings,
  now: number,
  { print, warn }: Output,
): Promise<void> {
  const { path, endsAt } = await administer(settings, 'Cannot make a link in', now, makeLink)
  const { host, port, publicUrl } = settings.http
  const origin = originOf(host, port)
  const address = `${publicUrl ?? origin}${path}`
  if (json) print(JSON.stringify({ address, path, endsAt: new Date(endsAt).toISOString() }))
  else {
    print(address)
    print(
      `Open it within ${LINK_MS / MINUTE_MS} minutes, and press the button: it signs one browser in, once. Its path works on ` +
        'every host name of this instance.',
    )
  }
  if (publicUrl !== undefined || (await answers(origin))) return
  warn(
    `No service answers at ${origin}. If it has another PORT, or people reach it at another address, run this with the same ` +
      'PORT or PUBLIC_URL.',
  )
}

async function answers(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS) })).ok
  } catch {
    return false
  }
}
