// The page of a page's or host's statistics: its numbers move with the visits, its chart can be read bar by bar, its tags copied.
import { readable } from './chart.js'
import { copyToClipboard } from './copy.js'
import { follow } from './live.js'
import { showMoved } from './moved.js'
import { reading } from './reading.js'
import { find, say, sayNumber } from './said.js'

/** @typedef {{count: number, active: number, periods: Record<string, {hits: number}>}} Numbers */

const numbers = find('numbers')
const state = find('state')
const isPage = numbers.dataset.live?.startsWith('live?url=')

/** @param {string} name @param {number} value */
function showNumber(name, value) {
  const element = numbers.querySelector(`[data-number="${name}"]`)
  const shown = element?.querySelector('dd') ?? element
  if (shown) showMoved(shown, value)
}

/** @param {number} count */
function showCount(count) {
  showNumber('count', count)
  sayNumber(`${count.toLocaleString('en')} hits`)
}

const chart = readable(find('chart'), find('reading'))
const numbersOf = reading(
  numbers.dataset.json ?? '',
  /** @param {Numbers & {series: {name: string, counted: number}[]}} read */
  ({ count, active, periods, series }) => {
    showCount(count)
    showNumber('active', active)
    for (const [name, { hits }] of Object.entries(periods)) showNumber(name, hits)
    chart.update(series.map(({ counted }) => counted))
  },
)

follow(numbers.dataset.live ?? '', {
  visit({ count }) {
    // The visits of a host name the numbers of its pages; the host's own comes by itself.
    if (isPage) showCount(count)
    numbersOf.soon()
  },
  number: ({ count }) => showCount(count),
  site: ({ count }) => showCount(count),
  again: numbersOf.now,
  state(isOpen) {
    state.textContent = isOpen ? 'Live: these numbers move with the visits.' : 'Connecting…'
  },
})

for (const button of document.querySelectorAll('button.copy')) {
  if (!(button instanceof HTMLButtonElement)) continue
  const code = find(button.dataset.of ?? '')
  button.addEventListener('click', async () => {
    const copied = await copyToClipboard(code.textContent ?? '', button, code)
    say(copied ? 'Copied' : 'It is selected. Copy it with the keyboard.')
  })
}
