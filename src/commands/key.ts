import type { Settings } from '../../config.ts'
import type { OwnerKey } from '../admin.ts'
import { makeKey } from '../owner.ts'
import { administer } from './administration.ts'
import { CommandFailure, type Output, quoted } from './usage.ts'

type Printing = Pick<Output, 'print'>
interface JsonOption {
  json?: true
}

/** `key create`: prints a new key of an owner. It cannot be shown again. @throws CommandFailure */
export async function runKeyCreate(
  { name, prefix, confirm, json }: { name: string; prefix: string; confirm?: true } & JsonOption,
  settings: Settings,
  now: number,
  { print }: Printing,
): Promise<void> {
  const { keepQuery } = settings.pages
  const ask = (question: string) =>
    new CommandFailure(`${question} Add --confirm if that is meant.`)
  const { secret, key } = await administer(settings, 'Cannot make a key in', now, (admin, deed) =>
    makeKey(admin, { name, prefix }, keepQuery, deed, confirm ? null : ask),
  )
  if (json) return print(JSON.stringify({ ...shown(key), key: secret }))
  print(secret)
  print(
    `It is shown only now. Its holder may change the numbers of ${key.prefix} and all pages below it. ` +
      `tallymark key revoke ${key.id} ends it.`,
  )
}

/** `key list`: prints all keys of owners, without their secrets. @throws CommandFailure */
export async function runKeyList(
  { json }: JsonOption,
  settings: Settings,
  now: number,
  { print }: Printing,
): Promise<void> {
  const keys = await administer(settings, 'Cannot read', now, (admin) => admin.keys())
  if (json) return print(JSON.stringify(keys.map(shown)))
  if (keys.length === 0)
    return print('There are no keys. tallymark key create NAME PREFIX makes one.')
  for (const { id, name, prefix, at, usedAt, revokedAt } of keys) {
    const used =
      revokedAt !== null
        ? `revoked ${day(revokedAt)}`
        : usedAt === null
          ? 'not used yet'
          : `used ${day(usedAt)}`
    print(`${id}  ${quoted(name)}  ${quoted(prefix)}  made ${day(at)}, ${used}`)
  }
}

/** `key revoke`: ends a key. @throws CommandFailure */
export async function runKeyRevoke(
  { id, json }: { id: number } & JsonOption,
  settings: Settings,
  now: number,
  { print }: Printing,
): Promise<void> {
  await administer(settings, 'Cannot change', now, (admin, deed) => admin.revokeKey(id, deed))
  print(json ? JSON.stringify({ revoked: id }) : `The key ${id} is revoked.`)
}

const day = (at: number) => new Date(at).toISOString().slice(0, 10)
const time = (at: number | null) => at && new Date(at).toISOString()

const shown = ({ id, name, prefix, at, usedAt, revokedAt }: OwnerKey) => ({
  ...{ id, name, prefix, at: time(at), usedAt: time(usedAt), revokedAt: time(revokedAt) },
})
