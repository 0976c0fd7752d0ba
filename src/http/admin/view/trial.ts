import type { RuleKind } from '../../../admin.ts'
import { type TrialResult, tryRules } from '../../../rule-trial.ts'
import type { Entry } from '../../../rules.ts'
import type { Context } from './context.ts'
import { fieldHtml, hiddenField } from './form.ts'
import { codeHtml, isolated, pageLink, withQuery } from './html.ts'
import { LIST_KINDS } from './list-kinds.ts'

/** Characters of the longest address of a page that is tried. */
const MAX_LENGTH = 6144

/** What becomes of a visit, in words. */
const OUTCOMES: Readonly<Record<TrialResult['outcome'], string>> = {
  banned: 'is refused: its address is banned',
  refused: 'is refused: the page is not served',
  excluded: 'sees the number, and does not count',
  bot: 'sees the number, and does not count: it is a bot',
  counted: 'counts',
}

/** The form that tries an address, a page and a user agent, and what becomes of them. @param kind of the list that is open */
export function trialHtml({ query, parts }: Context, kind: RuleKind): string {
  const { settings, watcher } = parts
  const text = (name: string) => (query[name] ?? '').slice(0, MAX_LENGTH).trim()
  const [address, page, agent] = [text('address'), text('page'), text('agent')]
  const result =
    address + page + agent === ''
      ? null
      : tryRules(watcher.book, settings.visits.bots, { address, page, agent })
  const fields = [
    fieldHtml('try', {
      ...{ name: 'address', label: 'Address', kind: 'address', value: address },
      placeholder: 'e.g. 203.0.113.7',
    }),
    fieldHtml('try', {
      ...{ name: 'page', label: 'Page', kind: 'address', value: page },
      placeholder: 'e.g. https://example.com/a',
    }),
    fieldHtml('try', {
      ...{ name: 'agent', label: 'User agent', value: agent, isWide: true },
      placeholder: 'e.g. Mozilla/5.0 …',
    }),
  ]
  return `<form class="form" method="get" action="lists#try" autocomplete="off">
          ${hiddenField('kind', kind)}
          ${fields.join('\n          ')}
          <div class="wide"><button type="submit">Try it</button></div>
        </form>
        ${result === null ? '' : resultHtml(result, { address, page, agent })}`
}

function resultHtml(
  { address, page, agent, outcome }: TrialResult,
  tried: { address: string; page: string; agent: string },
): string {
  const rows: [name: string, html: string][] = []
  if (address !== null)
    rows.push(['Address', `${isolated(tried.address)} ${verdict(address, ADDRESS)}`])
  if (page !== null) {
    const steps = page.steps.map(
      (step) =>
        `becomes <span class="key">${isolated(step.page)}</span>, by ${entryHtml(step.entry)}`,
    )
    const which = page.page === null ? isolated(tried.page) : pageLink(page.page)
    const made = steps.length === 0 ? '' : `${isolated(tried.page)} ${steps.join('; ')}. `
    const why =
      page.problem === null ? verdict(page, PAGE) : `: ${isolated(page.problem)}${by(page.entry)}`
    rows.push(['Page', `${made}${which}${page.problem === null ? ' ' : ''}${why}`])
  }
  if (agent !== null) rows.push(['User agent', `It ${verdict(agent, AGENT)}`])
  rows.push(['A visit with all that', OUTCOMES[outcome]])
  const items = rows.map(([name, html]) => `<div><dt>${name}</dt><dd>${html}</dd></div>`)
  return `<dl class="facts">${items.join('')}</dl>`
}

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
