// The numbers of the home page move with the visits: those of the listed pages, and its own live badge.
import { follow } from './live.js'
import { showMoved } from './moved.js'

/** Pages that one stream can be of, and characters of its address: requests have a longest one. */
const MAX_PAGES = 20
const MAX_ADDRESS = 6000
/** How often the live badge is drawn again, in ms, at most. */
const BADGE_MS = 1000

/** The rows of the listed pages, by the pages' keys. @type {Map<string, Element>} */
const rows = new Map()
for (const row of document.querySelectorAll('#top-pages li')) {
  const page = row.firstElementChild?.getAttribute('title')
  if (page) rows.set(page, row)
}
const live = document.getElementById('live')
const own = live?.dataset.page
const badge = live?.querySelector('img')
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer

/** @param {{page: string, count: number}} numbered */
function show({ page, count }) {
  const row = rows.get(page)
  if (row) showInRow(row, count)
  if (page === own && badge && timer === undefined) {
    timer = setTimeout(() => {
      timer = undefined
      // The last part makes it another address: a browser may take one that it has just shown from its memory.
      badge.src = `nocount/tag.svg?url=${encodeURIComponent(page)}#${Date.now()}`
    }, BADGE_MS)
  }
}

/**
 * @param {Element} row
 * @param {number} count
 */
function showInRow(row, count) {
  const shown = row.querySelector('b')
  if (!shown || !showMoved(shown, count)) return
  const bar = row.querySelector('progress')
  if (bar) bar.value = count
  const bars = [...(row.parentElement?.querySelectorAll('progress') ?? [])]
  const most = Math.max(...bars.map(({ value, max }) => Math.max(value, max)), count)
  for (const each of bars) each.max = most
}

/** The address of a stream of the pages that are shown: the badge's own, then as many of the list as there is room for. */
function addressOf() {
  let address = 'live?'
  for (const page of [...(own ? [own] : []), ...rows.keys()].slice(0, MAX_PAGES)) {
    const named = `${address}&url=${encodeURIComponent(page)}`
    if (named.length <= MAX_ADDRESS) address = named
  }
  return address
}

if (own || rows.size > 0) follow(addressOf(), { visit: show, number: show })
