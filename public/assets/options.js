// The controls of all options, in their folds, and the looks. They are loaded when they are needed.
import { makeField } from './controls.js'
import { markLook, pick } from './looks.js'
import { badgeOptions, byId, instance } from './page.js'
import { isSet } from './setup.js'
import { offerZone, TIME_OPTIONS } from './times.js'
import { hintOf, nameOf } from './words.js'

/** @typedef {import('./setup.js').Setup['options']} Options */

/** Options without effect on a face, which has only digits. Tally marks become a badge above 100. */
const NOT_ON_FACES = ['style', 'textColor', 'format', 'trend', 'logo', 'logoColor', 'logoWidth']
const MARKS = 'tally'
/** The style that has only a text colour, and the options without effect there. */
const WITHOUT_COLOURS = 'social'
const COLOURS = ['color', 'labelColor', 'colorSteps']

const offered = [...TIME_OPTIONS, ...badgeOptions]
const optionNames = offered.map(({ name }) => name)

/** @type {Map<string, import('./controls.js').Field>} */
const fields = new Map()
const groups = [...byId('groups', HTMLElement).querySelectorAll('details')].map((details) => {
  const options = offered.filter(({ group }) => group === details.dataset.group)
  details.hidden = options.length === 0
  details.querySelector('.form')?.append(
    ...options.map((option, at) => {
      const before = options[at - 1]
      const field = makeField(option, before ? hintOf(before) : '')
      fields.set(option.name, field)
      return field.element
    }),
  )
  return {
    names: options.map(({ name }) => name),
    details,
    mark: /** @type {HTMLElement} */ (details.querySelector('.mark')),
  }
})
const zone = fields.get('tz')
if (zone) offerZone(zone)
const logo = fields.get('logo')
if (logo) {
  const fold = logo.element.closest('details')
  const offer = () =>
    import('./logos.js')
      .then(({ offerLogos }) => offerLogos(logo))
      // The name can still be written by hand.
      .catch((error) => console.warn('The list of logos did not load', error))
  if (fold?.open) offer()
  else fold?.addEventListener('toggle', offer, { once: true })
}

/** Whether a person wrote the label: no look has set it. */
let ownLabel = false
fields.get('label')?.input.addEventListener('input', () => {
  ownLabel = true
})

/** @returns {Map<string, string>} the options that are set */
export function read() {
  /** @type {Map<string, string>} */
  const options = new Map()
  for (const name of optionNames) {
    const value = fields.get(name)?.read() ?? null
    if (value !== null && isSet(name, value)) options.set(name, value)
  }
  fit(options)
  return options
}

/** @param {Options} options */
export function fill(options) {
  for (const [name, field] of fields) field.write(options.get(name) ?? null)
  const label = options.get('label')
  ownLabel = label !== undefined && !instance.presets.some(({ options }) => options.label === label)
  fit(options)
}

/**
 * Replaces the options with those of a look.
 * @param {string} name
 * @returns {{options: Map<string, string>, keeps: boolean}} `keeps`: whether options were replaced that were set by hand
 */
export function pickLook(name) {
  const picked = pick(name, read(), optionNames, ownLabel)
  fill(picked.options)
  return picked
}

/** @param {Options} options */
function isFace(options) {
  const face = options.get('face')
  return face !== undefined && face !== MARKS
}

/** @param {Options} options */
function idleBeside(options) {
  if (isFace(options)) return NOT_ON_FACES
  return options.get('style') === WITHOUT_COLOURS ? COLOURS : []
}

/**
 * Updates what depends on the fields: pickers, fields without effect, the look, and the options named on each group.
 * @param {Options} options
 */
function fit(options) {
  const idle = idleBeside(options)
  for (const [name, field] of fields) {
    field.fit(idle.includes(name) || (name === 'digits' && !isFace(options)))
  }
  for (const { names, mark } of groups) {
    mark.textContent = names
      .filter((name) => options.has(name))
      .map(nameOf)
      .join(', ')
  }
  byId('idle', HTMLElement).hidden = idle.length === 0
  markLook(options)
}

/**
 * Shows each fault at its field, by the field's name, and clears it at all others.
 * @param {{name: string, message: string}[]} wrong
 * @returns {string[]} the names of the fields
 */
export function showFaults(wrong) {
  for (const [name, field] of fields) {
    const fault = wrong.find((each) => each.name === name)
    field.showFault(fault ? fault.message.replace(`${name} must`, `${nameOf(name)} must`) : '')
  }
  const names = wrong.map(({ name }) => name)
  if (names.includes('logo') && logo) suggestLogo(logo)
  // A wrong value from the address bar may be in a closed fold.
  for (const group of groups) {
    if (group.names.some((name) => names.includes(name))) group.details.open = true
  }
  return names.map(nameOf)
}

/**
 * Adds to the fault of a logo which one may be meant.
 * @param {import('./controls.js').Field} field
 */
async function suggestLogo({ input, showFault, element }) {
  const { value } = input
  if (/^\s*data:/i.test(value)) return
  const likely = await import('./logos.js')
    .then(({ likelyLogo }) => likelyLogo(value))
    .catch((error) => console.warn('No logo can be suggested', error))
  if (!likely || input.value !== value) return
  showFault(`${element.querySelector('.hint')?.textContent ?? ''} Did you mean ${likely}?`)
}
