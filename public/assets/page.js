// Functions that all parts of the page share, and what the instance says about itself.

/**
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function byId(id, kind) {
  const element = document.getElementById(id)
  if (element instanceof kind) return element
  throw new Error(`The page has no ${kind.name} #${id}`)
}

/** @param {string} text is said by a screen reader */
export function say(text) {
  byId('said', HTMLElement).textContent = text
}

/** @param {number} hits */
export function number(hits) {
  return hits.toLocaleString('en')
}

/**
 * The settings of the instance that the builder needs. The server writes them into the page.
 * @typedef {object} Instance
 * @property {string | null} publicUrl
 * @property {number} windowSeconds 0 where every load counts
 * @property {string[]} keepQuery
 * @property {boolean} ownBadge
 * @property {string} timeZone where days begin if a tag says nothing else
 * @property {{label: string, color: string, style: string}} badge
 * @property {Preset[]} presets
 * @property {Option[]} options all options of a badge, group by group
 */

/**
 * A look: a set of options to begin with.
 * @typedef {object} Preset
 * @property {string} name
 * @property {Record<string, string>} options
 */

/**
 * An option of a badge, from the schema that reads it.
 * @typedef {object} Option
 * @property {string} name
 * @property {string} group
 * @property {Control} field
 * @property {string} wanted
 * @property {string[]} examples
 *
 * @typedef {{kind: 'text', most: number}
 *   | {kind: 'colour'}
 *   | {kind: 'choice', choices: string[], open?: true}
 *   | {kind: 'number', least: number, most: number, step: number}
 *   | {kind: 'switch'}} Control
 */

/** @type {Instance} */
export const instance = JSON.parse(byId('instance', HTMLElement).textContent ?? '')
/** The options that work with an operator's own badge. */
const FOR_ANY_BADGE = ['label', 'prefix', 'suffix', 'format', 'base', 'show']
/** The options that change the badges of this instance. */
export const badgeOptions = instance.options.filter(
  ({ name }) => !instance.ownBadge || FOR_ANY_BADGE.includes(name),
)

/** The address of this page's folder, without a slash at the end. */
const here = new URL('.', location.href).href.replace(/\/$/, '')
/** The address at which people reach the instance, without a slash at the end. */
export const base = instance.publicUrl ?? here

/** How long a request may take, in ms. */
const PATIENCE_MS = 10_000
/** After how many seconds a request that failed is worth another try. */
const AGAIN_SECONDS = 5

/** Why a request got no answer, as a sentence for a person. */
export class Trouble extends Error {
  /**
   * @param {string} sentence
   * @param {number} [seconds] after how many seconds another try is worth it
   */
  constructor(sentence, seconds = AGAIN_SECONDS) {
    super(sentence)
    this.seconds = seconds
  }
}

/**
 * Requests JSON from the service.
 * @param {string} address
 * @param {AbortSignal} [signal]
 * @throws {Trouble} if the service does not answer, or not now
 */
export async function ask(address, signal) {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  /** @type {Response} */
  let response
  try {
    response = await fetch(address, {
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    })
    if (response.ok) return await response.json()
  } catch (error) {
    if (signal?.aborted) throw error
    const why = patience.aborted ? 'takes too long to answer' : 'does not answer'
    throw new Trouble(`This counter ${why} just now. Your tag is kept; trying again.`)
  }
  const seconds = Number(response.headers.get('retry-after')) || AGAIN_SECONDS
  if (response.status === 429) {
    const wait = `trying again in ${seconds} s`
    throw new Trouble(`This counter got too many requests from your address; ${wait}.`, seconds)
  }
  const state = response.status === 503 ? 'is busy' : `has a fault (${response.status})`
  throw new Trouble(`This counter ${state} just now. Your tag is kept; trying again.`, seconds)
}
