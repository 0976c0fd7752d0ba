// What every part of the page shares.

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

/** @param {string} text for a screen reader */
export function say(text) {
  byId('said', HTMLElement).textContent = text
}

/** @param {number} hits */
export function number(hits) {
  return hits.toLocaleString('en')
}

/**
 * What the instance says of itself, from instance.json.
 * @typedef {object} Instance
 * @property {string | null} publicUrl
 * @property {number} windowSeconds 0 where every load counts
 * @property {string[]} keepQuery
 * @property {boolean} ownBadge
 * @property {{label: string, color: string, style: string}} badge
 * @property {Preset[]} presets
 * @property {Option[]} options all that a badge can be asked for, in groups that follow each other
 */

/**
 * A look to begin with.
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
export const instance = await fetch('instance.json')
  .then((response) => response.json())
  .catch((error) => {
    byId('preview-text', HTMLElement).textContent =
      'This instance does not answer just now. Reload the page to try again.'
    throw error
  })

/** Where this page is, without a slash at the end. */
export const here = new URL('.', location.href).href.replace(/\/$/, '')
/** Where people reach the instance, likewise. */
export const base = instance.publicUrl ?? here
