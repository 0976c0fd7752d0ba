import type { OwnerKey, Secrets, Session } from '../../../admin.ts'
import { isDue, noSuchKey } from '../../administration.ts'
import { type Connection, rows, run, type Statement } from '../connection.ts'
import { list } from '../pages.ts'
import type { Transactions } from '../transaction.ts'
import { addEntries, storable } from './audit.ts'

/** Links, sessions and keys of `Administration`. */
export function secretTable(link: Connection, transactions: Transactions): Secrets {
  type Id = { id: number }
  return {
    async addLink(hash, endsAt) {
      await link.run(['addLink', hash, endsAt])
    },

    async useLink(hash, now) {
      const [used] = await link.rows<{ endsAt: number }>(['useLink', hash])
      return used !== undefined && used.endsAt > now
    },

    addSession: (hash, { at, seenAt, endsAt, browser }, deed) =>
      transactions.run(deed.at, async (client) => {
        const values = [hash, at, seenAt, endsAt, storable(browser)]
        const [{ id }] = (await rows<Id>(client, ['addSession', ...values])) as [Id]
        await addEntries(client, deed, [
          { action: 'sign-in', before: null, after: { session: id, browser } },
        ])
        return id
      }),

    async session(hash, now, lastsMs) {
      const [session] = await link.rows<Session>(['readSession', hash, now])
      if (session === undefined) return null
      if (!isDue(session.seenAt, now)) return session
      const endsAt = now + lastsMs
      await link.run(['renewSession', now, endsAt, session.id])
      return { ...session, seenAt: now, endsAt }
    },

    sessions: (now) => link.rows<Session>(['readSessions', now]),

    async endSessions(ids, deed) {
      const remove: Statement =
        ids === 'all' ? ['removeAllSessions'] : ['removeSessions', list(ids)]
      await transactions.run(deed.at, async (client) => {
        if (ids === 'all') await run(client, ['removeAllLinks'])
        const ended = await rows<Pick<Session, 'id' | 'browser'>>(client, remove)
        const entries = ended.map(({ id, browser }) => ({
          action: 'end-session',
          before: { session: id, browser },
          after: null,
        }))
        await addEntries(client, deed, entries)
      })
    },

    addKey: (hash, { name, prefix }, deed) =>
      transactions.run(deed.at, async (client) => {
        const values = [hash, storable(name), storable(prefix), deed.at]
        const [{ id }] = (await rows<Id>(client, ['addKey', ...values])) as [Id]
        await addEntries(client, deed, [
          { action: 'add-key', before: null, after: { id, name, prefix } },
        ])
        return { id, name, prefix, at: deed.at, usedAt: null, revokedAt: null }
      }),

    async key(hash, now) {
      const [key] = await link.rows<OwnerKey>(['readKeyByHash', hash])
      if (key === undefined) return null
      if (!isDue(key.usedAt, now)) return key
      await link.run(['markUsed', now, key.id])
      return { ...key, usedAt: now }
    },

    keys: () => link.rows<OwnerKey>(['readOwnerKeys']),

    revokeKey: (id, deed) =>
      transactions.run(deed.at, async (client) => {
        type Revoked = Pick<OwnerKey, 'name' | 'prefix'>
        const [key] = await rows<Revoked>(client, ['revokeKey', deed.at, id])
        if (key === undefined) throw noSuchKey(id)
        await addEntries(client, deed, [
          { action: 'revoke-key', before: { id, ...key }, after: null },
        ])
      }),

    async sweepSecrets(now) {
      await link.run(['removeEndedLinks', now], ['removeEndedSessions', now])
    },
  }
}
