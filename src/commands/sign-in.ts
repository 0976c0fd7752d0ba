import type { Settings } from '../../config.ts'
import { originOf } from '../address.ts'
import { LINK_MS, makeLink } from '../sign-in.ts'
import { MINUTE_MS } from '../time.ts'
import { administer } from './administration.ts'
import type { Output } from './usage.ts'

/** `sign-in`: prints a link that signs a browser in, once. @throws CommandFailure */
export async function runSignIn(
  { json }: { json?: true },
  settings: Settings,
  now: number,
  { print }: Pick<Output, 'print'>,
): Promise<void> {
  const { path, endsAt } = await administer(settings, 'Cannot make a link in', now, makeLink)
  const { host, port, publicUrl } = settings.http
  const address = `${publicUrl ?? originOf(host, port)}${path}`
  if (json) {
    print(JSON.stringify({ address, path, endsAt: new Date(endsAt).toISOString() }))
    return
  }
  print(address)
  print(
    `Open it within ${LINK_MS / MINUTE_MS} minutes, and press the button: it signs one browser in, once. Its path works on ` +
      'every host name of this instance.',
  )
}
