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
 * The instance's description of itself, from instance.json.
 * @typedef {object} Instance
 * @property {string | null} publicUrl
 * @property {number} windowSeconds 0 where every load counts
 * @property {string[]} keepQuery
 * @property {boolean} ownBadge
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
export const instance = await fetch('instance.json')
  .then((response) => response.json())
  .catch((error) => {
    byId('preview-text', HTMLElement).textContent =
      'This instance does not answer just now. Reload the page to try again.'
    throw error
  })

/** The address of this page's folder, without a slash at the end. */
export const here = new URL('.', location.href).href.replace(/\/$/, '')
/** The address at which people reach the instance, without a slash at the end. */
export const base = instance.publicUrl ?? here
