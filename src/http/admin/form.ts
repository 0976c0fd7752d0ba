import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deed } from '../../admin.ts'
import type { ChangedPages } from '../../known-pages.ts'
import { Refusal, type RefusalCode } from '../../refusal.ts'
import type { Operator } from './access.ts'
import type { AdminParts } from './parts.ts'
import type { Fields } from './validate.ts'

/** A form as it was sent. */
export interface Sent {
  /** What it was posted to, relative to /admin/, such as `page`. */
  form: string
  fields: Fields
}

/** A form, and who sent it. */
export interface Submission extends Sent {
  operator: Operator
  /** What a change is recorded as. */
  deed: Deed
  parts: AdminParts
  request: FastifyRequest
  reply: FastifyReply
}

/** What became of a form: what was done, to how many, and where it leads; or a page that is shown at once. */
type Done = { notice: Notice | null; count?: number; to?: string } | { html: string }

export type FormHandler = (submission: Submission) => Promise<Done>

/** An action that is asked again before it is done. The message is for programs. */
export class Unconfirmed extends Refusal {
  /** What a person reads before the button that confirms it. */
  readonly question: string
  /** The known pages that a page rule makes others; the operator may have them merged. */
  readonly known: ChangedPages | null

  constructor(question: string, known: ChangedPages | null = null, code: RefusalCode = 'bad_rule') {
    super(code, 'confirm it', `${question} Send "confirm": true if that is meant.`)
    this.question = question
    this.known = known
  }
}

/** What a page says after an action. Only these codes can be in its address, so nobody can make it say anything else. */
const NOTICES = {
  set: () => 'The number is set.',
  add: () => 'The number is changed.',
  reset: () => 'The page begins again at 0.',
  rename: () => 'The page has its new address.',
  merge: () => 'The pages are one page now.',
  unalias: () => 'The old address is an unknown page now.',
  remove: (count: number) => `${pages(count)} removed. They can be restored from the bin.`,
  restore: (count: number) => `${pages(count)} restored.`,
  purge: (count: number) => `${pages(count)} purged.`,
  'take-back': () => 'The hits of that hour are taken back.',
  'add-rule': (count: number) => `${entries(count)} added. They hold within two seconds.`,
  'remove-rule': (count: number) => `${entries(count)} removed.`,
  'add-and-merge': (count: number) =>
    `The rule is added, and ${are(count, 'known page', 'known pages')} merged.`,
  'merge-known': (count: number) => `${pages(count)} merged.`,
  'end-session': (count: number) =>
    count === 1 ? 'The session is ended.' : 'The sessions are ended.',
  'revoke-key': () => 'The key is revoked.',
} as const

export type Notice = keyof typeof NOTICES

const pages = (count: number) => are(count, 'page', 'pages')
const entries = (count: number) => are(count, 'entry', 'entries')
const are = (count: number, one: string, several: string) =>
  count === 1 ? `1 ${one} is` : `${count.toLocaleString('en')} ${several} are`

/** The notice that an address asks for, as a sentence; null if it asks for none. */
export function noticeOf({ done, n }: { done?: unknown; n?: unknown }): string | null {
  if (typeof done !== 'string' || !Object.hasOwn(NOTICES, done)) return null
  const count = typeof n === 'string' && /^\d{1,9}$/.test(n) ? Number(n) : 1
  return NOTICES[done as Notice](count)
}

/** Pages that a form may lead back to, relative to /admin/. */
const PAGES: readonly string[] = ['', 'page', 'bin', 'lists', 'spikes', 'audit', 'access']
/** Characters of the longest address that is read. */
const MAX_BACK = 8000

/**
 * The address, relative to /admin/, to which a form leads back.
 * @param back the one that the form names, such as `page?url=example.com`; any other than a page of /admin leads to the first
 * @param done what was done; null for nothing
 */
export function backTo(back: string | null, done: Notice | null, count = 1): string {
  const base = 'http://localhost/admin/'
  const url = back === null || back.length > MAX_BACK ? null : URL.parse(back, base)
  const name = url?.href.startsWith(base) ? url.pathname.slice('/admin/'.length) : null
  const isPage = name !== null && PAGES.includes(name)
  const query = new URLSearchParams(isPage ? url?.search : '')
  query.delete('done')
  query.delete('n')
  if (done !== null) query.set('done', done)
  if (done !== null && count !== 1) query.set('n', String(count))
  const path = isPage && name !== '' ? name : './'
  return query.size === 0 ? path : `${path}?${query}`
}
