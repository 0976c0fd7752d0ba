import type { OwnerKey, Secrets, Session } from '../../../admin.ts'
import type { Sync } from '../../../worker.ts'
import { isDue, noSuchKey } from '../../administration.ts'
import type { HitTable } from '../hits.ts'
import { addEntry } from './audit.ts'
import type { Statements } from './statements.ts'

/** Links, sessions and keys of `Administration`. */
export function secretTable(sql: Statements, hits: HitTable): Sync<Secrets> {
  type Id = { id: number }
  type EndedSession = Pick<Session, 'id' | 'browser'>
  return {
    addLink: (hash, endsAt) => hits.writing(() => void sql.run('addLink', hash, endsAt)),

    useLink: (hash, now) =>
      hits.writing(() => (sql.get<{ endsAt: number }>('useLink', hash)?.endsAt ?? 0) > now),

    addSession: (hash, { at, seenAt, endsAt, browser }, deed) =>
      hits.writing(() => {
        const { id } = sql.get<Id>('addSession', hash, at, seenAt, endsAt, browser) as Id
        addEntry(sql, deed, { action: 'sign-in', before: null, after: { session: id, browser } })
        return id
      }),

    session(hash, now, lastsMs) {
      const session = sql.get<Session>('readSession', hash, now)
      if (session === undefined) return null
      if (!isDue(session.seenAt, now)) return session
      const endsAt = now + lastsMs
      hits.writing(() => sql.run('renewSession', now, endsAt, session.id))
      return { ...session, seenAt: now, endsAt }
    },

    sessions: (now) => sql.all<Session>('readSessions', now),

    endSessions: (ids, deed) =>
      hits.writing(() => {
        if (ids === 'all') sql.run('removeAllLinks')
        // Those that have ended already are not found.
        const ended =
          ids === 'all'
            ? sql.all<EndedSession>('removeAllSessions')
            : ids.flatMap((id) => sql.all<EndedSession>('removeSession', id))
        for (const { id, browser } of ended) {
          const before = { session: id, browser }
          addEntry(sql, deed, { action: 'end-session', before, after: null })
        }
      }),

    addKey: (hash, { name, prefix }, deed) =>
      hits.writing(() => {
        const { id } = sql.get<Id>('addKey', hash, name, prefix, deed.at) as Id
        addEntry(sql, deed, { action: 'add-key', before: null, after: { id, name, prefix } })
        return { id, name, prefix, at: deed.at, usedAt: null, revokedAt: null }
      }),

    key(hash, now) {
      const key = sql.get<OwnerKey>('readKeyByHash', hash)
      if (key === undefined) return null
      if (!isDue(key.usedAt, now)) return key
      hits.writing(() => sql.run('markUsed', now, key.id))
      return { ...key, usedAt: now }
    },

    keys: () => sql.all<OwnerKey>('readOwnerKeys'),

    revokeKey: (id, deed) =>
      hits.writing(() => {
        const key = sql.get<Pick<OwnerKey, 'name' | 'prefix'>>('revokeKey', deed.at, id)
        if (key === undefined) throw noSuchKey(id)
        addEntry(sql, deed, { action: 'revoke-key', before: { id, ...key }, after: null })
      }),

    sweepSecrets: (now) =>
      hits.writing(() => {
        sql.run('removeEndedLinks', now)
        sql.run('removeEndedSessions', now)
      }),
  }
}
