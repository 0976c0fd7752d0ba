import type { Database } from 'better-sqlite3'
import type { Deed, OwnerKey, Session } from '../../../admin.ts'
import { MINUTE_MS } from '../../../time.ts'
import { noSuchEntry } from '../../changes.ts'
import type { HitTable } from '../hits.ts'
import { auditWriter } from './audit.ts'
import { ADMIN_QUERIES } from './queries.ts'

/** How often the use of a session or key is noted, in ms. */
const NOTE_MS = MINUTE_MS

/** Whether a use has to be noted. A note from the future was made before the clock was set back. */
const isDue = (notedAt: number | null, now: number) =>
  notedAt === null || Math.abs(now - notedAt) >= NOTE_MS

/** Links, sessions and keys of `Administration`. */
export function secretTable(driver: Database, hits: HitTable) {
  const addLink = driver.prepare<[string, number]>(ADMIN_QUERIES.addLink)
  const removeLink = driver.prepare<[string], number>(ADMIN_QUERIES.removeLink).pluck()
  const removeEndedLinks = driver.prepare<[number]>(ADMIN_QUERIES.removeEndedLinks)
  const removeAllLinks = driver.prepare<[]>(ADMIN_QUERIES.removeAllLinks)
  const addSession = driver.prepare(ADMIN_QUERIES.addSession)
  const readSession = driver.prepare<[string, number], Session>(ADMIN_QUERIES.readSession)
  const renewSession = driver.prepare<[number, number, number]>(ADMIN_QUERIES.renewSession)
  const readSessions = driver.prepare<[number], Session>(ADMIN_QUERIES.readSessions)
  const readSessionIds = driver.prepare<[], number>(ADMIN_QUERIES.readSessionIds).pluck()
  const removeSession = driver.prepare<[number], string>(ADMIN_QUERIES.removeSession).pluck()
  const removeEndedSessions = driver.prepare<[number]>(ADMIN_QUERIES.removeEndedSessions)
  const addKey = driver.prepare(ADMIN_QUERIES.addKey)
  const readKey = driver.prepare<[string], OwnerKey>(ADMIN_QUERIES.readKeyByHash)
  const markUsed = driver.prepare<[number, number]>(ADMIN_QUERIES.markUsed)
  const readKeys = driver.prepare<[], OwnerKey>(ADMIN_QUERIES.readOwnerKeys)
  const revokeKey = driver.prepare<[number, number], { name: string; prefix: string }>(
    ADMIN_QUERIES.revokeKey,
  )
  const audit = auditWriter(driver)

  return {
    addLink: (hash: string, endsAt: number): void =>
      hits.writing(() => void addLink.run(hash, endsAt)),

    useLink: (hash: string, now: number): boolean =>
      hits.writing(() => (removeLink.get(hash) ?? 0) > now),

    addSession: (hash: string, session: Omit<Session, 'id'>, deed: Deed): number =>
      hits.writing(() => {
        const { at, seenAt, endsAt, browser } = session
        const id = Number(addSession.run(hash, at, seenAt, endsAt, browser).lastInsertRowid)
        audit(deed, { action: 'sign-in', before: null, after: { session: id, browser } })
        return id
      }),

    session(hash: string, now: number, lastsMs: number): Session | null {
      const session = readSession.get(hash, now)
      if (session === undefined) return null
      if (!isDue(session.seenAt, now)) return session
      const endsAt = now + lastsMs
      hits.writing(() => renewSession.run(now, endsAt, session.id))
      return { ...session, seenAt: now, endsAt }
    },

    sessions: (now: number): Session[] => readSessions.all(now),

    endSessions: (ids: readonly number[] | 'all', deed: Deed): void =>
      hits.writing(() => {
        if (ids === 'all') removeAllLinks.run()
        for (const id of ids === 'all' ? readSessionIds.all() : ids) {
          const browser = removeSession.get(id)
          // It may have ended already.
          if (browser === undefined) continue
          audit(deed, { action: 'end-session', before: { session: id, browser }, after: null })
        }
      }),

    addKey: (hash: string, { name, prefix }: Pick<OwnerKey, 'name' | 'prefix'>, deed: Deed) =>
      hits.writing((): OwnerKey => {
        const id = Number(addKey.run(hash, name, prefix, deed.at).lastInsertRowid)
        audit(deed, { action: 'add-key', before: null, after: { id, name, prefix } })
        return { id, name, prefix, at: deed.at, usedAt: null, revokedAt: null }
      }),

    key(hash: string, now: number): OwnerKey | null {
      const key = readKey.get(hash)
      if (key === undefined) return null
      if (!isDue(key.usedAt, now)) return key
      hits.writing(() => markUsed.run(now, key.id))
      return { ...key, usedAt: now }
    },

    keys: (): OwnerKey[] => readKeys.all(),

    revokeKey: (id: number, deed: Deed): void =>
      hits.writing(() => {
        const key = revokeKey.get(deed.at, id)
        if (key === undefined) throw noSuchEntry(`There is no key ${id}, or it is revoked already.`)
        audit(deed, { action: 'revoke-key', before: { id, ...key }, after: null })
      }),

    sweepSecrets: (now: number): void =>
      hits.writing(() => {
        removeEndedLinks.run(now)
        removeEndedSessions.run(now)
      }),
  }
}
