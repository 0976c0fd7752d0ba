// The parameters of a tag that say which time its number is of, and where days begin.
import { instance } from './page.js'

/** @type {import('./page.js').Option[]} */
export const TIME_OPTIONS = [
  {
    name: 'period',
    group: 'Over time',
    field: {
      kind: 'choice',
      choices: [
        ...['today', 'yesterday', '24h', '7d', '30d', '90d', '365d', 'week', 'last-week', 'month'],
        ...['last-month', 'year'],
      ],
      open: true,
    },
    wanted: 'one period in place of the total, such as 30d, 2026 or 2026-11-20',
    examples: ['30d'],
  },
  {
    name: 'within',
    group: 'Over time',
    field: { kind: 'text', most: 80 },
    wanted: 'a time up to now in place of a period, such as days=1,minutes=30',
    examples: ['days=1,minutes=30'],
  },
  {
    name: 'tz',
    group: 'Over time',
    field: { kind: 'choice', choices: Intl.supportedValuesOf('timeZone'), open: true },
    wanted: `where days begin; without it, days begin at midnight in ${instance.timeZone}`,
    examples: ['Europe/Berlin'],
  },
  {
    name: 'days',
    group: 'Over time',
    field: { kind: 'number', least: 1, most: 366, step: 1 },
    wanted: 'the days that a card shows, 30 unless you say else',
    examples: ['90'],
  },
]

/**
 * Offers the time zone of this browser.
 * @param {import('./controls.js').Field} field
 */
export function offerZone({ element, input }) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  if (timeZone === instance.timeZone) return
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = `Use ${timeZone}`
  button.addEventListener('click', () => {
    input.value = timeZone
    input.dispatchEvent(new Event('input', { bubbles: true }))
  })
  element.append(button)
}
