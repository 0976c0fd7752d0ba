import type { AuditEntry, Deed } from '../admin.ts'
import { Refusal } from '../refusal.ts'
import { MINUTE_MS } from '../time.ts'

/** Aliases of a page that are read. */
export const MAX_ALIASES = 1000

/** Rules that have ended, and are removed at a time. */
export const ENDED_RULES = 100

/** As whom housekeeping removes rules. */
export const endOfRules = (before: number, now: number): Deed => ({
  actor: 'housekeeping',
  reason: `ended before ${new Date(before).toISOString()}`,
  at: now,
})

/** How often the use of a session or key is noted, in ms. */
const NOTE_MS = MINUTE_MS

/** Whether a use has to be noted. A note from the future was made before the clock was set back. */
export const isDue = (notedAt: number | null, now: number): boolean =>
  notedAt === null || Math.abs(now - notedAt) >= NOTE_MS

const SESSION = 'id, at, seen_at as "seenAt", ends_at as "endsAt", browser'
const KEY = 'id, name, prefix, at, used_at as "usedAt", revoked_at as "revokedAt"'

/** The refusal of a place in a list that no answer has had as `next`. */
export const badPlace = () =>
  new Refusal('bad_request', 'bad place', 'That place in the list does not exist: begin again.', {
    field: 'after',
  })

/** The refusal of rules that were checked with others than there are now. */
export const changedRules = () =>
  new Refusal(
    'changed',
    'changed meanwhile',
    'The lists were changed meanwhile. Nothing was added: read them again, then decide.',
  )

const noSuchEntry = (sentence: string) => new Refusal('no_such_entry', 'no such entry', sentence)
export const noSuchRule = (id: number) => noSuchEntry(`There is no entry ${id} in the lists.`)
export const noSuchKey = (id: number) =>
  noSuchEntry(`There is no key ${id}, or it is revoked already.`)

/** An entry of the audit log as the databases store it, with JSON as text. */
export interface StoredEntry extends Omit<AuditEntry, 'before' | 'after'> {
  before: string
  after: string
}

export const parseEntry = (entry: StoredEntry): AuditEntry => ({
  ...entry,
  before: JSON.parse(entry.before),
  after: JSON.parse(entry.after),
})

/** Statements for both databases. */
export const SHARED_QUERIES = {
  /** now → rules that have not ended */
  readRules: `
    select id, kind, pattern, replacement, ends_at as "endsAt", actor, reason, at
    from rule where ends_at is null or ends_at > ? order by id`,
  /** time, limit → id, kind, pattern, replacement of rules that ended before */
  removeEndedRules: `
    delete from rule where id in (select id from rule where ends_at < ? order by id limit ?)
    returning id, kind, pattern, replacement`,

  /** hash, end */
  addLink: 'insert into link (hash, ends_at) values (?, ?)',
  /** hash → end */
  useLink: 'delete from link where hash = ? returning ends_at as "endsAt"',
  /** now */
  removeEndedLinks: 'delete from link where ends_at <= ?',
  removeAllLinks: 'delete from link',

  /** hash, at, seen at, end, browser → id */
  addSession:
    'insert into session (hash, at, seen_at, ends_at, browser) values (?, ?, ?, ?, ?) returning id',
  /** hash, now → the session if it has not ended */
  readSession: `select ${SESSION} from session where hash = ? and ends_at > ?`,
  /** seen at, end, id */
  renewSession: 'update session set seen_at = ?, ends_at = ? where id = ?',
  /** now → sessions that have not ended */
  readSessions: `select ${SESSION} from session where ends_at > ? order by seen_at desc, id desc`,
  /** → id, browser */
  removeAllSessions: 'delete from session returning id, browser',
  /** now */
  removeEndedSessions: 'delete from session where ends_at <= ?',

  /** hash, name, prefix, at → id */
  addKey: 'insert into owner_key (hash, name, prefix, at) values (?, ?, ?, ?) returning id',
  /** hash → the key if it is not revoked */
  readKeyByHash: `select ${KEY} from owner_key where hash = ? and revoked_at is null`,
  /** now, id */
  markUsed: 'update owner_key set used_at = ? where id = ?',
  /** → keys, newest first */
  readOwnerKeys: `select ${KEY} from owner_key order by id desc`,
  /** now, id → name, prefix */
  revokeKey: `
    update owner_key set revoked_at = ? where id = ? and revoked_at is null returning name, prefix`,
}
