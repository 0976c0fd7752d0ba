// The page of a page's or host's statistics: its numbers move with the visits, its chart can be read bar by bar, its tags copied.
import { readable } from './chart.js'
import { copyToClipboard } from './copy.js'
import { follow } from './live.js'
import { showMoved } from './moved.js'
import { reading } from './reading.js'

/** How often a screen reader is told the number, in ms, at most. */
const SAY_MS = 30_000

/** @typedef {{count: number, active: number, periods: Record<string, {hits: number}>}} Numbers */

const numbers = find('numbers')
const state = find('state')
const said = find('said')
const isPage = numbers.dataset.live?.startsWith('live?url=')
let saidAt = performance.now()

/** @param {string} id */
function find(id) {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`The page has no #${id}`)
  return element
}

/** @param {string} name @param {number} value */
function showNumber(name, value) {
  const element = numbers.querySelector(`[data-number="${name}"]`)
  const shown = element?.querySelector('dd') ?? element
  if (shown) showMoved(shown, value)
}

/** @param {number} count */
function showCount(count) {
  showNumber('count', count)
  const text = `${count.toLocaleString('en')} hits`
  if (said.textContent === text || performance.now() - saidAt < SAY_MS) return
  saidAt = performance.now()
  said.textContent = text
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
    said.textContent = copied ? 'Copied' : 'It is selected. Copy it with the keyboard.'
  })
}
