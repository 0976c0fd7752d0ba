import { isIP } from 'node:net'
import { type Trial, type TrialResult, tryRules } from '../../../rule-trial.ts'
import type { Entry } from '../../../rules.ts'
import { escapeHtml } from '../../site/html.ts'
import type { Context } from './frame.ts'
import { codeHtml, isolated, pageLink, withQuery } from './html.ts'
import { LIST_KINDS } from './list-kinds.ts'

/** Characters of the longest address of a page that is tried. */
const MAX_LENGTH = 6144

/** What becomes of a visit, and of each of its parts, in words. */
const VISIT = {
  banned: 'is refused: its address is banned',
  refused: 'is refused: the page is not served',
  excluded: 'sees the number, and does not count',
  bot: 'sees the number, and does not count: it is a bot',
  counted: 'counts',
} as const
const ADDRESS = {
  banned: 'is banned',
  excluded: 'does not count',
  counted: 'is in no list',
} as const
const PAGE = { refused: 'is refused', excluded: 'does not count', counted: 'counts' } as const
const AGENT = {
  excluded: 'does not count',
  bot: 'is a bot, and does not count',
  counted: 'is in no list',
} as const

/** An address, a page and a user agent that the form of "Try it" has sent, and what becomes of them. HTML. */
export function trialValues({ query, parts, request }: Context): Record<string, string> {
  const text = (name: string) => (query[name] ?? '').slice(0, MAX_LENGTH).trim()
  const tried = { address: text('address'), page: text('page'), agent: text('agent') }
  const { address, page, agent } = tried
  const { watcher, settings } = parts
  const isEmpty = address + page + agent === ''
  return {
    ownAddress: escapeHtml(request.ip ?? ''),
    triedAddress: escapeHtml(address),
    triedPage: escapeHtml(page),
    triedAgent: escapeHtml(agent),
    outcome: isEmpty ? '' : resultHtml(tryRules(watcher.book, settings.visits.bots, tried), tried),
  }
}

function resultHtml(
  { address, page, agent, outcome }: TrialResult,
  tried: Required<Trial>,
): string {
  const rows: [name: string, html: string][] = []
  if (address !== null) {
    const about = isIP(tried.address) === 0 ? 'is not an address' : verdict(address, ADDRESS)
    rows.push(['Address', `${isolated(tried.address)} ${about}`])
  }
  if (page !== null) {
    const steps = page.steps.map(
      (step) =>
        `<li>becomes <span class="key">${isolated(step.page)}</span>, by ${entryHtml(step.entry)}</li>`,
    )
    const which = page.page === null ? isolated(tried.page) : pageLink(page.page)
    const made = steps.length === 0 ? '' : `${isolated(tried.page)}<ol>${steps.join('')}</ol>`
    const why =
      page.problem === null
        ? ` ${verdict(page, PAGE)}`
        : `: ${isolated(page.problem)}${by(page.entry)}`
    rows.push(['Page', `${made}${which}${why}`])
  }
  if (agent !== null) rows.push(['User agent', `It ${verdict(agent, AGENT)}`])
  rows.push(['A visit with all that', VISIT[outcome]])
  const items = rows.map(([name, html]) => `<div><dt>${name}</dt><dd>${html}</dd></div>`)
  return `<dl class="facts">${items.join('')}</dl>`
}

/** What becomes of something, in words, and the entry that decides it. */
function verdict<Outcome extends string>(
  { outcome, entry }: { outcome: Outcome; entry: Entry | null },
  words: Readonly<Record<Outcome, string>>,
): string {
  return words[outcome] + by(entry)
}

const by = (entry: Entry | null) => (entry === null ? '' : `, by ${entryHtml(entry)}`)

/** An entry, with the list or the setting that it is in. */
function entryHtml({ kind, pattern, replacement, setting }: Entry): string {
  const list = `<a href="${withQuery('lists', { kind })}">${LIST_KINDS[kind].title}</a>`
  const where = setting === null ? list : `<code>${setting}</code>`
  const becomes = replacement === '' ? '' : ` to ${codeHtml(replacement)}`
  return `${codeHtml(pattern)}${becomes} in ${where}`
}
