// The parts of a page whose numbers move, and what a screen reader is told of them.

/** How often a screen reader is told a number that moves, in ms, at most. */
const SAY_MS = 30_000

/** @param {string} id */
export function find(id) {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`The page has no #${id}`)
  return element
}

const said = find('said')
let saidAt = performance.now()

/** @param {string} text */
export function say(text) {
  said.textContent = text
}

/** Says a number that has moved, unless that was done a moment ago. @param {string} text */
export function sayNumber(text) {
  if (said.textContent === text || performance.now() - saidAt < SAY_MS) return
  saidAt = performance.now()
  say(text)
}
