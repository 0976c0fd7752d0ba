import type { Administration, Deed, OwnerKey } from './admin.ts'
import { normalizePage, type PageKey } from './page.ts'
import { Refusal } from './refusal.ts'
import { hashSecret, isSecret, newSecret } from './secret.ts'

/** How every owner's key begins: so a key can be told from other secrets, also by programs that search code for secrets. */
const MARK = 'tmk_'
/** Characters of the longest name. */
export const MAX_KEY_NAME = 60

/** Whether a text has the form of a key. */
export function isOwnerKey(text: string): boolean {
  return text.startsWith(MARK) && isSecret(text.slice(MARK.length))
}

/**
 * Makes a key for the pages of a prefix.
 * @param prefix the address of a page, which stands for all pages below it too, such as `github.com/me/`
 * @returns the secret, which cannot be shown again
 * @throws Refusal `bad_request` for a wrong name, `bad_page` for a wrong prefix
 */
export async function makeKey(
  admin: Administration,
  { name, prefix }: { name: string; prefix: string },
  keepQuery: readonly string[],
  deed: Deed,
): Promise<{ secret: string; key: OwnerKey }> {
  const title = name.trim()
  if (title === '' || title.length > MAX_KEY_NAME || /[\p{C}\p{Zl}\p{Zp}]/u.test(title)) {
    throw new Refusal(
      'bad_request',
      'bad name',
      `The name of a key has 1 to ${MAX_KEY_NAME} characters, such as "docs"; it says later whose key it is.`,
    )
  }
  const secret = MARK + newSecret()
  const normal = normalizePage(prefix, keepQuery)
  const key = await admin.addKey(hashSecret(secret), { name: title, prefix: normal }, deed)
  return { secret, key }
}

/** Whether a page is the one that a prefix names, or below it: `github.com/meow` is not below `github.com/me`. */
export function isWithin(page: PageKey, prefix: string): boolean {
  return page.startsWith(prefix) && /^([/?]|$)/.test(page.slice(prefix.length))
}
