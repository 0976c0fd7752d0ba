import type { PageKey } from './page.ts'
import type { Tally } from './store.ts'
import type { Span } from './time.ts'

// What an operator does while the service runs: changes pages, keeps lists, signs in, and hands out keys to owners. All
// times are milliseconds since 1970, UTC.

/** Who acts, as the audit log shows it: `session 3`, `ADMIN_TOKEN`, `key 2 (docs)`, `housekeeping`. */
export type Actor = string

/** The largest number that a page can have. */
export const MAX_HITS = Number.MAX_SAFE_INTEGER

/** A change of one page. `ifVersion` is the version that the actor has seen; without it, the change is made in any case. */
export type Change = { page: PageKey; ifVersion?: number } & (
  | { action: 'set'; hits: number }
  /** `hits` may be negative, but the page's number may not become so. */
  | { action: 'add'; hits: number }
  /** The page's number, history and outcomes begin again at 0. */
  | { action: 'reset' }
  /** `to` must be unknown; two known pages are merged. With `alias`, the old address answers with the new page's number. */
  | { action: 'rename'; to: PageKey; alias: boolean }
  /** Numbers, history and outcomes add up. The old address, and its own aliases, become aliases of `into`. */
  | { action: 'merge'; into: PageKey }
  /** `page`, which is an alias, becomes an unknown page. */
  | { action: 'unalias' }
  /** The page is gone for everyone until it is restored, but nothing of it is lost. */
  | { action: 'remove' }
  | { action: 'restore' }
  /** Removes a page for good, with its history and aliases. It has to be removed first. */
  | { action: 'purge' }
  /** Takes the hits of an hour from the page's number and history. `hour` is in whole hours since 1970, UTC. */
  | { action: 'take-back'; hour: number }
)
export type ChangeAction = Change['action']

/** Who makes a change, why and when. */
export interface Deed {
  actor: Actor
  /** For people; may be empty. */
  reason: string
  at: number
}

export interface AdminPage {
  page: PageKey
  hits: number
  today: number
  /** The beginning of the first and the last period with a visit; null if the page has only hits without a time. */
  firstSeen: number | null
  lastSeen: number | null
  /** The other addresses of the page, at most 1,000 of them. Empty in lists. */
  aliases: PageKey[]
  /** Null for a page that is not removed. */
  removed: Deed | null
  /** Grows with every change of the page by an operator, not always by 1; 0 if there was none. */
  version: number
}

/** A page after a change. */
export type ChangedPage = Pick<AdminPage, 'page' | 'hits' | 'removed' | 'version'>

export interface PagesQuery {
  /** Text that the page's key contains, in any case; empty for all pages. */
  part: string
  /** Descending. */
  sort: 'hits' | 'today' | 'newest' | 'last-seen'
  /** True for the bin: removed pages alone. False for all others. */
  removed: boolean
  /** `next` of the last answer; empty at the beginning. */
  after: string
  limit: number
  /** The span of today, in the time zone of the instance. */
  today: Span
}

export interface AuditEntry extends Deed {
  id: number
  /** A `ChangeAction`, or such as `sign-in`, `end-session`, `add-rule`, `remove-rule`, `add-key`, `revoke-key`. */
  action: string
  page: PageKey | null
  /** What was and what is, as JSON values that a person can read; null where that does not apply. Never a secret. */
  before: unknown
  after: unknown
}

export const RULE_KINDS = [
  /** Addresses whose every request is refused. */
  'ban',
  /** Addresses whose visits do not count. */
  'exclude',
  /** Words of user agents that do not count. */
  'untracked-agent',
  /** Pages that are shown, but not counted. */
  'untracked-page',
  /** Pages that are refused, and the only ones that are not, if there are any. */
  'deny-page',
  'allow-page',
  /** Pages that are another page. */
  'page-rule',
] as const
export type RuleKind = (typeof RULE_KINDS)[number]

/** An entry of a list that operators keep. */
export interface Rule extends Deed {
  id: number
  kind: RuleKind
  pattern: string
  /** What a page becomes by a page rule; empty for the other kinds. */
  replacement: string
  /** When it ends; null for never. */
  endsAt: number | null
}

/** A browser that is signed in. */
export interface Session {
  id: number
  at: number
  seenAt: number
  endsAt: number
  /** The browser's family, such as `Firefox on Linux`. */
  browser: string
}

/** A key with which its holder may change the pages whose keys begin with `prefix`. */
export interface OwnerKey {
  id: number
  name: string
  prefix: string
  at: number
  usedAt: number | null
  revokedAt: number | null
}

export interface Spike {
  page: PageKey
  hits: number
  /** Hits of an ordinary hour: the mean of the week before. */
  usual: number
  /** The hour's visits that did not count. */
  uncounted: Tally[]
}

/** Numbers that grow whenever an operator has changed something, on whichever service. */
export interface Versions {
  /** Of all changes of pages. */
  pages: number
  /** Of all changes of rules. */
  rules: number
}

/**
 * The part of a store for operators. Its methods reject as those of `Reader` do. Secrets come in as SHA-256, in hex: the
 * store never sees one in clear text. Every change makes its entry in the audit log within the same transaction.
 */
export interface Administration extends RuleLists, Secrets {
  versions(): Promise<Versions>

  /**
   * Makes all changes, in order, in one transaction, or none. An alias stands for its page, except for `unalias`.
   * Unknown pages can be the `page` of `set` and `add`, and are made. Resolves with the pages as they are afterwards, each
   * once, in the order of the changes; those that are gone are left out.
   * @throws Refusal `bad_change` if one cannot be made, `changed` if a page's version is not `ifVersion`, `no_such_page`
   *   for an unknown page, and `too_many_pages`
   */
  change(changes: readonly Change[], deed: Deed): Promise<ChangedPage[]>
  pages(query: PagesQuery): Promise<{ pages: AdminPage[]; next: string | null }>
  /** A page, also a removed one, by its address or an alias; null for an unknown one. */
  page(page: PageKey, today: Span): Promise<AdminPage | null>
  /** The keys of all pages that are not removed, and of no alias, by slices. `after` is empty at the beginning. */
  pageKeys(after: string, limit: number): Promise<{ keys: PageKey[]; next: string | null }>
  /** The pages that have more hits in an hour than is usual for them, those that grew most first. */
  spikes(hour: number, limit: number): Promise<Spike[]>
  /** Purges, as housekeeping, a bounded number of pages that were removed before a time. @returns how many */
  purgeRemoved(before: number, now: number): Promise<number>

  /** Entries, newest first; those of one page and its aliases, or all. `before` is the id of an entry, to read on. */
  audit(query: {
    page: PageKey | null
    before: number | null
    limit: number
  }): Promise<AuditEntry[]>
  /** Adds an entry about something that is not in the database. */
  record(entry: Omit<AuditEntry, 'id'>): Promise<void>
}

/** The lists that operators keep. */
export interface RuleLists {
  /** The rules that have not ended, in the order in which they were added, and their version. */
  rules(now: number): Promise<{ version: number; rules: Rule[] }>
  /**
   * Adds rules in one transaction. Resolves with them and their ids.
   * @param ifVersion the version of the rules with which they were checked; without it, they are added in any case
   * @throws Refusal `changed` if that is no longer the version
   */
  addRules(rules: readonly Omit<Rule, 'id'>[], ifVersion?: number): Promise<Rule[]>
  /** @throws Refusal `no_such_entry` if one of them is unknown; then none is removed */
  removeRules(ids: readonly number[], deed: Deed): Promise<void>
  /** Removes, as housekeeping, a bounded number of rules that ended before a time. @returns how many */
  sweepRules(before: number, now: number): Promise<number>
}

/** Links to sign in, sessions, and owners' keys. */
export interface Secrets {
  addLink(hash: string, endsAt: number): Promise<void>
  /** Uses up a link. @returns whether it was valid: true once at most */
  useLink(hash: string, now: number): Promise<boolean>
  /** @returns the session's id */
  addSession(hash: string, session: Omit<Session, 'id'>, deed: Deed): Promise<number>
  /**
   * The session with a secret; null if it is unknown or has ended. Once a minute at most, it notes that the session was seen
   * and lets it end `lastsMs` later.
   */
  session(hash: string, now: number, lastsMs: number): Promise<Session | null>
  /** Those that have not ended, the last seen first. */
  sessions(now: number): Promise<Session[]>
  /** Ends sessions. With all of them, the links that nobody has used end too. */
  endSessions(ids: readonly number[] | 'all', deed: Deed): Promise<void>
  addKey(hash: string, key: Pick<OwnerKey, 'name' | 'prefix'>, deed: Deed): Promise<OwnerKey>
  /** The key with a secret; null if it is unknown or revoked. Notes, once a minute at most, that it was used. */
  key(hash: string, now: number): Promise<OwnerKey | null>
  keys(): Promise<OwnerKey[]>
  /** @throws Refusal `no_such_entry` */
  revokeKey(id: number, deed: Deed): Promise<void>
  /** Removes links and sessions that have ended. */
  sweepSecrets(now: number): Promise<void>
}
