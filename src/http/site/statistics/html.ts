import type { Range, Series, Unit } from '../../../series.ts'
import { UNITS } from '../../../series.ts'
import type { Tally } from '../../../store.ts'
import { visitsIn } from '../../../tallies.ts'
import { HOUR_MS } from '../../../time.ts'
import { dayAt } from '../../../time-zone.ts'
import type { Compared, ComparedPeriod } from '../../compared.ts'
import { escapeHtml } from '../html.ts'
import { figure, hitsOf } from '../written.ts'
import type { Mark } from './marks.ts'
import { dayName, pointName } from './names.ts'

/** How an hour, a day and a month are called in headings. */
const UNIT_NAMES: Readonly<Record<Unit, string>> = {
  hour: 'Hour',
  day: 'Day',
  month: 'Month',
}

/** What became of visits, in the words of a page. */
const REASONS: Readonly<Record<Tally['outcome'], string>> = {
  counted: 'Counted',
  repeat: 'A browser came again within the window',
  bot: 'A robot that says so',
  excluded: 'Excluded by the visitor or the operator',
  limited: 'An address had too many visits at once',
}

/** What periods are called, and the times before. */
const PERIODS = [
  { name: 'today', title: 'today', before: 'yesterday by this hour' },
  { name: '7d', title: '7 days', before: 'in the 7 days before' },
  { name: '30d', title: '30 days', before: 'in the 30 days before' },
] as const

/** The numbers of today, 7 and 30 days, each compared with the time before. */
export function periodsHtml(periods: Readonly<Record<ComparedPeriod, Compared>>): string {
  return PERIODS.map(({ name, title, before: words }) => {
    const { hits, before } = periods[name]
    return `<div data-number="${name}"><dt>${title}</dt><dd>${figure(hits)}</dd>${changeHtml(hits, before, words)}</div>`
  }).join('\n          ')
}

/** A comparison in a sign and in words. @param before null if it is not known */
function changeHtml(hits: number, before: number | null, words: string): string {
  if (before === null) return '<dd class="change">nothing older is kept</dd>'
  const more = hits - before
  if (more === 0) return `<dd class="change">as many as ${words}</dd>`
  const [sign, than] = more > 0 ? ['+', 'more than'] : ['−', 'fewer than']
  return `<dd class="change"><b>${sign}${figure(Math.abs(more))}</b> ${than} ${words}</dd>`
}

/** Visits by outcome, with bars. */
export function outcomesHtml(tallies: readonly Tally[]): string {
  const all = tallies.reduce((sum, { visits }) => sum + visits, 0)
  if (all === 0) return '<p class="hint">Nobody has visited in the last 30 days.</p>'
  const rows = (Object.keys(REASONS) as Tally['outcome'][]).flatMap((outcome) => {
    const visits = visitsIn(tallies, outcome)
    if (visits === 0) return []
    const bar = `<dd class="bar"><progress max="${all}" value="${visits}" aria-hidden="true"></progress></dd>`
    // The same number stands above, as that of 30 days. The class tells the two apart.
    const dd = outcome === 'counted' ? '<dd class="counted">' : '<dd>'
    return [`<div><dt>${REASONS[outcome]}</dt>${dd}${figure(visits)}</dd>${bar}</div>`]
  })
  const none = tallies.every(({ outcome }) => outcome === 'counted')
    ? '<p class="hint">Every visit of the last 30 days counted.</p>'
    : ''
  return `<dl class="outcomes">${rows.join('')}</dl>${none}`
}

/** The points of a chart as a table. */
export function tableHtml({ unit, points }: Series, hits: readonly number[]): string {
  const rows = points.map(
    ({ name }, at) =>
      `<tr><th scope="row">${pointName(unit, name)}</th><td>${figure(hits[at] as number)}</td></tr>`,
  )
  return `<table><thead><tr><th scope="col">${UNIT_NAMES[unit]}</th><th scope="col">Hits</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
}

/** Changes by operators, newest first. */
export function marksHtml(marks: readonly Mark[], timeZone: string): string {
  return marks
    .map(({ at, text }) => {
      const day = dayAt(at, timeZone)
      return `<li><time datetime="${new Date(at).toISOString()}">${dayName(day)}</time> <span>${escapeHtml(text)}.</span></li>`
    })
    .join('\n            ')
}

/** The links to the same series by other units. @param address of the page, with all parameters that stay */
export function unitsHtml(address: string, series: Series): string {
  return UNITS.map((unit) => {
    const current = unit === series.unit ? ' aria-current="true"' : ''
    return `<a href="${escapeHtml(`${address}&unit=${unit}`)}#chart-title"${current}>${UNIT_NAMES[unit]}</a>`
  }).join('')
}

/**
 * The time that is shown, with links to the time before and after.
 * @param address of the page, with all parameters that stay
 * @param seen when the first visit came, in ms; null if that is not known
 */
export function rangesHtml(address: string, series: Series, seen: number | null): string {
  const { unit, points, earlier, later } = series
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) return '<span>Nothing of this time is kept.</span>'
  const link = ({ from, to }: Range, rel: string, text: string) => {
    const range = `&unit=${unit}&from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`
    return `<a href="${escapeHtml(address + range)}#chart-title" rel="${rel}">${text}</a>`
  }
  const hasEarlier = earlier !== null && seen !== null && seen < first.span.from * HOUR_MS
  return [
    hasEarlier ? link(earlier, 'prev', 'Earlier') : '',
    `<span>${pointName(unit, first.name)} – ${pointName(unit, last.name)}</span>`,
    later ? link(later, 'next', 'Later') : '',
  ].join(' ')
}

/** What a screen reader says of the chart. */
export function chartLabel({ unit, points }: Series, hits: readonly number[]): string {
  const sum = hits.reduce((all, each) => all + each, 0)
  return `Hits by ${unit}: ${hitsOf(sum)} in ${points.length} ${unit}${points.length === 1 ? '' : 's'}`
}
