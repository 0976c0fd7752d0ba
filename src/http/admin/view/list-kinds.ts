import type { RuleKind } from '../../../admin.ts'

/** What people read about a list. */
export interface ListKind {
  title: string
  /** What one entry is called. */
  one: string
  /** What its entries do. HTML. */
  about: string
  /** What an entry is. */
  label: string
  example: string
  /** How an entry is written. HTML. */
  hint?: string
}

const ADDRESSES = { label: 'Address or range', example: '203.0.113.7 or 203.0.113.0/24' }
const PATTERNS = {
  label: 'Pattern',
  hint: 'A regular expression (RE2), which may match any part of a page: <code>^spam\\.example/</code> is a whole site, and <code>*</code> is no wildcard here.',
}

export const LIST_KINDS: Readonly<Record<RuleKind, ListKind>> = {
  ban: {
    title: 'Bans',
    one: 'Ban',
    about: 'Every request from these addresses is refused.',
    ...ADDRESSES,
  },
  exclude: {
    title: 'Excluded addresses',
    one: 'Excluded address',
    about: 'Visits from these addresses see the number, and do not count.',
    ...ADDRESSES,
  },
  'untracked-agent': {
    title: 'User agents',
    one: 'User agent',
    about:
      'Visits do not count if the user agent has one of these words in it, in capitals or not.',
    label: 'Word',
    example: 'uptime',
  },
  'untracked-page': {
    title: 'Untracked pages',
    one: 'Untracked page',
    about: 'These pages show their numbers, and visits to them do not count.',
    label: 'Page',
    example: 'example.com/drafts',
    hint: 'A page stands for all pages below it too; a regular expression (RE2) stands between slashes.',
  },
  'deny-page': {
    title: 'Denied pages',
    one: 'Denied page',
    about: 'These pages are refused, and are in no list.',
    example: String.raw`^casino\.example/`,
    ...PATTERNS,
  },
  'allow-page': {
    title: 'Allowed pages',
    one: 'Allowed page',
    about: 'If this list has an entry, every page that no entry matches is refused.',
    example: String.raw`^example\.com/`,
    ...PATTERNS,
  },
  'page-rule': {
    title: 'Page rules',
    one: 'Page rule',
    about: 'They say what is one page though its address differs.',
    label: 'Pages',
    example: 'example.com/item/*',
    hint:
      '<code>*</code> stands for any text, which each <code>*</code> on the other side keeps; <code>{en,de}</code> for one of ' +
      'these. With <code>#</code> in it, the fragments of these pages are kept.',
  },
}
