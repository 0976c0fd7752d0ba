import type { Actor, Administration, Deed, OwnerKey } from './admin.ts'
import { hostOf, normalizePage, type PageKey } from './page.ts'
import { Refusal } from './refusal.ts'
import { hashSecret, isSecret, newSecret } from './secret.ts'

/** How every owner's key begins: so a key can be told from other secrets, also by programs that search code for secrets. */
const MARK = 'tmk_'
/** How the names of owners begin in the audit log. */
const ACTOR = 'key '
/** Characters of the longest name. */
export const MAX_KEY_NAME = 60

/** Whether a text has the form of a key. */
export function isOwnerKey(text: string): boolean {
  return text.startsWith(MARK) && isSecret(text.slice(MARK.length))
}

/**
 * Makes a key for the pages of a prefix.
 * @param prefix the address of a page, which stands for all pages below it too, such as `github.com/me/`
 * @param ask what is thrown if the prefix has to be confirmed, with the question; null if it is confirmed
 * @returns the secret, which cannot be shown again
 * @throws Refusal `bad_request` for a wrong name, or that of a key that is not revoked, and `bad_page` for a wrong prefix
 */
export async function makeKey(
  admin: Administration,
  { name, prefix }: { name: string; prefix: string },
  keepQuery: readonly string[],
  deed: Deed,
  ask: ((question: string) => Error) | null = null,
): Promise<{ secret: string; key: OwnerKey }> {
  const title = name.trim()
  if (title === '' || title.length > MAX_KEY_NAME || /[\p{C}\p{Zl}\p{Zp}]/u.test(title)) {
    throw new Refusal(
      'bad_request',
      'bad name',
      `The name of a key has 1 to ${MAX_KEY_NAME} characters, such as "docs"; it says later whose key it is.`,
    )
  }
  const normal = normalizePage(prefix, keepQuery)
  const question = questionOfPrefix(normal)
  if (ask && question !== null) throw ask(question)
  const keys = await admin.keys()
  const other = keys.find(({ name, revokedAt }) => name === title && revokedAt === null)
  if (other) {
    throw new Refusal(
      'bad_request',
      'name in use',
      `Key ${other.id}, for ${other.prefix}, has the name "${title}" already. Give this one another name, or revoke that one first.`,
    )
  }
  const secret = MARK + newSecret()
  const key = await admin.addKey(hashSecret(secret), { name: title, prefix: normal }, deed)
  return { secret, key }
}

/** What has to be confirmed of the prefix of a new key; null if there is nothing. */
function questionOfPrefix(page: PageKey): string | null {
  if (page !== hostOf(page)) return null
  return /^[^%]*[.:]|^localhost$/.test(page)
    ? `${page} is a whole host: the holder of the key may change the number of every page of it.`
    : `${page} is a name, not the address of a page: the key is for the counter ${page}, and those that begin with ${page}/.`
}

/** How the audit log names the holder of a key. */
export const actorOf = ({ id, name }: OwnerKey): Actor => `${ACTOR}${id} (${name})`

/** Whether it was the holder of a key who acted. */
export const isOwner = (actor: Actor) => actor.startsWith(ACTOR)

/** Whether a page is the one that a prefix names, or below it: `github.com/meow` is not below `github.com/me`. */
export function isWithin(page: PageKey, prefix: string): boolean {
  return page.startsWith(prefix) && /^([/?]|$)/.test(page.slice(prefix.length))
}
