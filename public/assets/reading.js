// Reads numbers again when something has happened, but not too often.

/** How soon after an event the numbers are read, in ms; how often at most; and how often without an event. */
const SOON_MS = 300
const LEAST_MS = 2000
const QUIET_MS = 15_000

/**
 * @template Numbers
 * @param {string} address of JSON
 * @param {(numbers: Numbers) => void} show
 * @returns {{now: () => void, soon: () => void, stop: () => void}} reads at once, or soon; or not again until one of them is called
 */
export function reading(address, show) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  let readAt = Number.NEGATIVE_INFINITY
  let nextAt = Number.POSITIVE_INFINITY
  let isStopped = false

  /** @param {number} wait */
  function plan(wait) {
    clearTimeout(timer)
    nextAt = performance.now() + wait
    timer = setTimeout(now, wait)
  }

  async function now() {
    isStopped = false
    readAt = performance.now()
    plan(QUIET_MS)
    if (document.hidden) return
    try {
      const answer = await fetch(address)
      if (!answer.ok) return
      const numbers = await answer.json()
      if (!isStopped) show(numbers)
    } catch (error) {
      console.warn('The numbers could not be read', error)
    }
  }

  return {
    now,
    soon() {
      const wait = Math.max(SOON_MS, readAt + LEAST_MS - performance.now())
      if (performance.now() + wait < nextAt) plan(wait)
    },
    stop() {
      isStopped = true
      clearTimeout(timer)
      nextAt = Number.POSITIVE_INFINITY
    },
  }
}
