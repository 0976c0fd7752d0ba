import type { Administration, Deed } from './admin.ts'
import { hashSecret, newSecret } from './secret.ts'
import { DAY_MS, MINUTE_MS } from './time.ts'

/** How long a link to sign in is valid, in ms. */
export const LINK_MS = 10 * MINUTE_MS
/** How long a session lasts after it was last used, in ms. */
export const SESSION_MS = 30 * DAY_MS

/**
 * Makes a link that signs one browser in, once.
 * @returns its path and query, which hold the secret, on every host name of the instance; and when it ends
 */
export async function makeLink(
  admin: Administration,
  deed: Deed,
): Promise<{ path: string; endsAt: number }> {
  const secret = newSecret()
  const endsAt = deed.at + LINK_MS
  await admin.addLink(hashSecret(secret), endsAt)
  await admin.record({ ...deed, action: 'add-link', page: null, before: null, after: null })
  return { path: `/admin/sign-in?token=${secret}`, endsAt }
}
