import { createHmac } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deed } from '../../admin.ts'
import type { ChangedPages } from '../../known-pages.ts'
import { Refusal, type RefusalCode } from '../../refusal.ts'
import { escapeHtml } from '../site/html.ts'
import { csrfSecret, type Operator } from './access.ts'
import type { Fields } from './form-fields.ts'
import type { AdminParts } from './parts.ts'

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

/**
 * What became of a form: what was done, to how many, and where it leads; or a page that is shown at once. `said` says in the
 * form's own words what was done.
 */
type Done = { notice: Notice | null; count?: number; said?: string; to?: string } | { html: string }

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

/** What a page says after an action, if that has no words of its own. */
const NOTICES = {
  set: () => 'The number is set.',
  add: () => 'The number is changed.',
  reset: () => 'The page begins again at 0.',
  rename: () => 'The page has its new address.',
  merge: () => 'The pages are one page now.',
  unalias: () => 'The old address is an unknown page now.',
  remove: (count: number) => `${pages(count)} removed.`,
  restore: (count: number) => `${pages(count)} restored.`,
  purge: (count: number) => `${pages(count)} purged.`,
  'take-back': () => 'The hits of that hour are taken back.',
  'add-rule': (count: number) =>
    `${entries(count)} added. ${count === 1 ? 'It holds' : 'They hold'} on every service within two seconds.`,
  'remove-rule': (count: number) => `${entries(count)} removed.`,
  'add-and-merge': (count: number) =>
    `The rule is added, and ${are(count, 'known page', 'known pages')} merged.`,
  'merge-known': (count: number) => `${pages(count)} merged.`,
  'end-session': () => 'The session is ended.',
  'end-others': () => 'All other sessions are ended.',
  'end-own': () => 'The session of this browser is ended.',
  'end-all': () => 'All sessions are ended, also that of this browser.',
  'revoke-key': () => 'The key is revoked.',
} as const

export type Notice = keyof typeof NOTICES

const pages = (count: number) => are(count, 'page', 'pages')
const entries = (count: number) => are(count, 'entry', 'entries')
const are = (count: number, one: string, several: string) =>
  count === 1 ? `1 ${one} is` : `${count.toLocaleString('en')} ${several} are`

/** What an address asks a page to say. */
type Said = Readonly<Partial<Record<'done' | 'n' | 'said' | 'sign', unknown>>>

/**
 * The notice that an address asks for, as HTML; null if it asks for none. Anybody can make such an address, so it says what a
 * code stands for, or words that this session has signed.
 */
export function noticeOf({ done, n, said, sign }: Said, operator: Operator | null): string | null {
  if (typeof done !== 'string' || !Object.hasOwn(NOTICES, done)) return null
  const count = typeof n === 'string' && /^\d{1,9}$/.test(n) ? Number(n) : 1
  const isSigned = typeof said === 'string' && operator?.session && sign === signed(operator, said)
  const text = escapeHtml(isSigned ? said : NOTICES[done as Notice](count))
  const restore = `<a href="bin">Restore ${count === 1 ? 'it' : 'them'} from the bin</a>`
  return done === 'remove' ? `${text} ${restore}` : text
}

/** A signature that only this session can make; empty without a session. */
function signed({ session }: Operator, text: string): string {
  return session === null
    ? ''
    : createHmac('sha256', csrfSecret(session.secret)).update(text).digest('base64url')
}

/** Pages that a form may lead back to, relative to /admin/. */
const PAGES: readonly string[] = [
  '',
  'page',
  'bin',
  'lists',
  'spikes',
  'audit',
  'access',
  'sign-in',
]
/** Characters of the longest address that is read. */
const MAX_BACK = 8000

/**
 * The address, relative to /admin/, to which a form leads back.
 * @param back the one that the form names, such as `page?url=example.com`; any other than a page of /admin leads to the first
 * @param done what was done; null for nothing
 */
export function backTo(
  back: string | null,
  done: Notice | null = null,
  count = 1,
  said = '',
  operator: Operator | null = null,
): string {
  const base = 'http://localhost/admin/'
  const url = back === null || back.length > MAX_BACK ? null : URL.parse(back, base)
  const name = url?.href.startsWith(base) ? url.pathname.slice('/admin/'.length) : null
  const isPage = name !== null && PAGES.includes(name)
  const query = new URLSearchParams(isPage ? url?.search : '')
  for (const each of ['done', 'n', 'said', 'sign']) query.delete(each)
  if (done !== null) query.set('done', done)
  if (done !== null && count !== 1) query.set('n', String(count))
  if (said !== '' && operator?.session) {
    query.set('said', said)
    query.set('sign', signed(operator, said))
  }
  const path = isPage && name !== '' ? name : './'
  return query.size === 0 ? path : `${path}?${query}`
}
