// Follows /live while the page can be seen.

/** When a stream that was refused is tried again, in ms, at the least; up to twice as much, so that not all come at once. */
const AGAIN_MS = 10_000

/**
 * A visit, as /live sends it.
 * @typedef {object} Visit
 * @property {string} page
 * @property {number} count
 * @property {string} outcome
 * @property {string} time
 */

/**
 * What is done with the events.
 * @typedef {object} Listeners
 * @property {(visit: Visit) => void} [visit]
 * @property {(number: {page: string, count: number}) => void} [number] of a page that the address names
 * @property {(number: {site: string, count: number}) => void} [site] of a host that the address names
 * @property {() => void} [again] everything has to be read again: events may have been missed
 * @property {(isOpen: boolean) => void} [state]
 */

/**
 * Follows a stream until the returned function is called. The browser connects again after a fault, and names the last event that
 * it got. A stream is closed while nobody sees the page.
 * @param {string} address
 * @param {Listeners} listeners
 * @returns {() => void}
 */
export function follow(address, { visit, number, site, again, state }) {
  /** @type {EventSource | null} */
  let source = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  function open() {
    close()
    if (document.hidden) return
    const opened = new EventSource(address)
    source = opened
    opened.addEventListener('open', () => {
      state?.(true)
      again?.()
    })
    opened.addEventListener('error', () => {
      state?.(false)
      // The browser does not connect again by itself after a refusal.
      if (opened.readyState !== EventSource.CLOSED) return
      timer = setTimeout(open, AGAIN_MS * (1 + Math.random()))
    })
    opened.addEventListener('visit', ({ data }) => visit?.(JSON.parse(data)))
    opened.addEventListener('number', ({ data }) => number?.(JSON.parse(data)))
    opened.addEventListener('site', ({ data }) => site?.(JSON.parse(data)))
    opened.addEventListener('changed', () => again?.())
  }

  function close() {
    clearTimeout(timer)
    source?.close()
    source = null
    state?.(false)
  }

  // A connection that the network has lost can look open for a long time.
  const events = /** @type {const} */ (['visibilitychange', 'online', 'pageshow'])
  for (const name of events) addEventListener(name, open, { capture: true })
  addEventListener('pagehide', close)
  open()
  return () => {
    for (const name of events) removeEventListener(name, open, { capture: true })
    removeEventListener('pagehide', close)
    close()
  }
}
