// The page /now: moves with the visits. What it shows comes from /now.json; visits are also listed as they come.
import { follow } from './live.js'
import { reading } from './reading.js'
import { find, sayNumber } from './said.js'

const MAX_VISITS = 12

/** What the feed says of visits that did not count. @type {Record<string, string>} */
const NOT_COUNTED = {
  repeat: 'again',
  bot: 'a robot',
  excluded: 'excluded',
  limited: 'over the limit',
}

/** @typedef {import('./live.js').Visit & {title?: string}} Visit */
/** @typedef {{active: number, pages: {page: string, title: string, active: number}[], visits: Visit[]}} Now */

const active = find('active')
const pages = find('pages')
const visits = find('visits')
const state = find('state')
const pause = find('pause')
/** How pages are written for people, by their keys. @type {Map<string, string>} */
const titles = new Map()
/** @type {(() => void) | null} */
let stop = null
/** The number that is shown. */
let activeVisits = Number(active.textContent?.replaceAll(',', ''))

/** @param {number} value */
const figure = (value) => value.toLocaleString('en')

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} text
 */
function make(name, text) {
  const element = document.createElement(name)
  element.textContent = text
  return element
}

/** @param {string} page */
function linkTo(page) {
  const link = make('a', titles.get(page) ?? page)
  link.href = `page?url=${encodeURIComponent(page)}`
  link.title = page
  return link
}

/** @param {Element[]} parts */
function row(...parts) {
  const item = document.createElement('li')
  item.append(...parts)
  return item
}

/** @param {Visit} visit */
function visitRow({ page, count, outcome, time }) {
  const when = make('time', new Date(time).toLocaleTimeString('en', { hour12: false }))
  when.dateTime = time
  const what = NOT_COUNTED[outcome]
  return row(when, linkTo(page), make('b', figure(count)), ...(what ? [make('i', what)] : []))
}

/** @param {number} value */
function showActive(value) {
  activeVisits = value
  active.textContent = figure(value)
}

/** @param {Now} now */
function show(now) {
  for (const { page, title } of [...now.pages, ...now.visits]) titles.set(page, title ?? page)
  showActive(now.active)
  const most = now.pages[0]?.active ?? 0
  const rows = now.pages.map((each) => {
    const bar = document.createElement('progress')
    bar.max = most
    bar.value = each.active
    bar.ariaHidden = 'true'
    return row(linkTo(each.page), make('b', figure(each.active)), bar)
  })
  replace(pages, rows, find('nobody'))
  if (now.visits.length > 0) replace(visits, now.visits.map(visitRow), find('quiet'))
  sayNumber(`${figure(now.active)} active visits`)
}

/**
 * Replaces the rows of a list. The link that has the focus keeps it.
 * @param {Element} list
 * @param {Element[]} rows
 * @param {HTMLElement} empty what is shown instead of an empty list
 */
function replace(list, rows, empty) {
  const focused = document.activeElement
  const page = list.contains(focused) ? focused?.getAttribute('title') : null
  list.replaceChildren(...rows)
  empty.hidden = rows.length > 0
  if (page) {
    for (const link of list.querySelectorAll('a')) if (link.title === page) return link.focus()
  }
}

const numbers = reading('now.json', show)

function start() {
  stop = follow('live', {
    visit(visit) {
      const others = [...visits.children].filter(
        (each) => each.querySelector('a')?.title !== visit.page,
      )
      replace(visits, [visitRow(visit), ...others].slice(0, MAX_VISITS), find('quiet'))
      // The number moves at once; it is exact when it has been read again.
      if (visit.outcome === 'counted') showActive(activeVisits + 1)
      numbers.soon()
    },
    again: numbers.now,
    state(isOpen) {
      state.textContent = isOpen ? 'Live: this page moves with the visits.' : 'Connecting…'
    },
  })
  pause.textContent = 'Pause'
}

pause.addEventListener('click', () => {
  if (!stop) return start()
  stop()
  stop = null
  numbers.stop()
  state.textContent = 'Paused.'
  pause.textContent = 'Go on'
})
pause.hidden = false
find('zone').textContent = 'those of your clock'
start()
