import type { Administration, OwnerKey, Session } from '../../../admin.ts'
import { MINUTE_MS } from '../../../time.ts'
import { noSuchEntry } from '../../changes.ts'
import { type Connection, type Row, run } from '../connection.ts'
import { list } from '../pages.ts'
import type { Transactions } from '../transaction.ts'
import { addEntries, entryOf, storable } from './audit.ts'

/** How often the use of a session or key is noted, in ms. */
const NOTE_MS = MINUTE_MS

type Secrets = Pick<
  Administration,
  | 'addLink'
  | 'useLink'
  | 'addSession'
  | 'session'
  | 'sessions'
  | 'endSessions'
  | 'addKey'
  | 'key'
  | 'keys'
  | 'revokeKey'
  | 'sweepSecrets'
>

/** Whether a use has to be noted. A note from the future was made before the clock was set back. */
const isDue = (notedAt: number | null, now: number) =>
  notedAt === null || Math.abs(now - notedAt) >= NOTE_MS

/** Links, sessions and keys of `Administration`. */
export function secretTable(link: Connection, transactions: Transactions): Secrets {
  return {
    async addLink(hash, endsAt) {
      await link.run(['addLink', hash, endsAt])
    },

    async useLink(hash, now) {
      const [[row] = []] = await link.run(['useLink', hash])
      return row !== undefined && Number(row[0]) > now
    },

    addSession: (hash, { at, seenAt, endsAt, browser }, deed) =>
      transactions.run(deed.at, async (client) => {
        const [row] = await run(client, ['addSession', hash, at, seenAt, endsAt, storable(browser)])
        const session = Number(row?.[0])
        await addEntries(client, deed, [entryOf('sign-in', null, { session, browser })])
        return session
      }),

    async session(hash, now, lastsMs) {
      const [[row] = []] = await link.run(['readSession', hash, now])
      if (row === undefined) return null
      const session = sessionOf(row)
      if (!isDue(session.seenAt, now)) return session
      const endsAt = now + lastsMs
      await link.run(['renewSession', session.id, now, endsAt])
      return { ...session, seenAt: now, endsAt }
    },

    async sessions(now) {
      const [rows = []] = await link.run(['readSessions', now])
      return rows.map(sessionOf)
    },

    async endSessions(ids, deed) {
      await transactions.run(deed.at, async (client) => {
        if (ids === 'all') await run(client, ['removeAllLinks'])
        const ended = await run(
          client,
          ids === 'all' ? ['removeAllSessions'] : ['removeSessions', list(ids)],
        )
        const entries = ended.map(([session, browser]) =>
          entryOf('end-session', { session, browser }, null),
        )
        await addEntries(client, deed, entries)
      })
    },

    addKey: (hash, { name, prefix }, deed) =>
      transactions.run(deed.at, async (client) => {
        const [row] = await run(client, ['addKey', hash, storable(name), storable(prefix), deed.at])
        const id = Number(row?.[0])
        await addEntries(client, deed, [entryOf('add-key', null, { id, name, prefix })])
        return { id, name, prefix, at: deed.at, usedAt: null, revokedAt: null }
      }),

    async key(hash, now) {
      const [[row] = []] = await link.run(['readKeyByHash', hash])
      if (row === undefined) return null
      const key = keyOf(row)
      if (!isDue(key.usedAt, now)) return key
      await link.run(['markUsed', key.id, now])
      return { ...key, usedAt: now }
    },

    async keys() {
      const [rows = []] = await link.run(['readOwnerKeys'])
      return rows.map(keyOf)
    },

    async revokeKey(id, deed) {
      await transactions.run(deed.at, async (client) => {
        const [row] = await run(client, ['revokeKey', deed.at, id])
        if (row === undefined) throw noSuchEntry(`There is no key ${id}, or it is revoked already.`)
        const [name, prefix] = row
        await addEntries(client, deed, [entryOf('revoke-key', { id, name, prefix }, null)])
      })
    },

    async sweepSecrets(now) {
      await link.run(['removeLinks', now], ['removeEndedSessions', now])
    },
  }
}

function sessionOf([id, at, seenAt, endsAt, browser]: Row): Session {
  return {
    id: Number(id),
    at: Number(at),
    seenAt: Number(seenAt),
    endsAt: Number(endsAt),
    browser: String(browser),
  }
}

function keyOf([id, name, prefix, at, usedAt, revokedAt]: Row): OwnerKey {
  return {
    id: Number(id),
    name: String(name),
    prefix: String(prefix),
    at: Number(at),
    usedAt: usedAt as number | null,
    revokedAt: revokedAt as number | null,
  }
}
