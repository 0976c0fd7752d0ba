// The builder's fields, and the setup of a tag that they hold.
import { makeField } from './controls.js'
import { byId, instance } from './page.js'
import { isSet } from './state.js'
import { hintOf, nameOf } from './words.js'

/** The options that are always visible; all others are in groups that open. */
const FIRST = ['label', 'style', 'color']
/** The options that work with an operator's own badge. */
const FOR_ANY_BADGE = ['label', 'prefix', 'suffix', 'format', 'base', 'show']
/** Options without effect on a face, which has only digits. Tally marks become a badge above 100. */
const NOT_ON_FACES = ['style', 'textColor', 'format', 'trend', 'logo', 'logoColor', 'logoWidth']
const MARKS = 'tally'
/** The style that has only a text colour, and the options without effect there. */
const WITHOUT_COLOURS = 'social'
const COLOURS = ['color', 'labelColor', 'colorSteps']

export const form = byId('build', HTMLFormElement)
const url = byId('url', HTMLInputElement)
const offered = instance.options.filter(
  ({ name }) => !instance.ownBadge || FOR_ANY_BADGE.includes(name),
)
export const optionNames = offered.map(({ name }) => name)

/** @type {Map<string, import('./controls.js').Field>} */
export const fields = new Map()
/** @type {{names: string[], details: HTMLDetailsElement, mark: HTMLElement}[]} */
const groups = []

/**
 * @param {import('./page.js').Option[]} options
 * @returns {HTMLElement[]}
 */
function makeFields(options) {
  return options.map((option, at) => {
    const before = options[at - 1]
    const field = makeField(option, before ? hintOf(before) : '')
    fields.set(option.name, field)
    return field.element
  })
}

/**
 * @param {string} name
 * @param {import('./page.js').Option[]} options
 */
function makeGroup(name, options) {
  const details = document.createElement('details')
  const summary = document.createElement('summary')
  const title = document.createElement('span')
  title.textContent = name
  const mark = document.createElement('span')
  mark.className = 'mark'
  summary.append(title, ' ', mark)
  const inner = document.createElement('div')
  inner.className = 'form'
  inner.append(...makeFields(options))
  details.append(summary, inner)
  groups.push({ names: options.map((option) => option.name), details, mark })
  return details
}

/** @returns {import('./state.js').Setup} */
export function setupOfForm() {
  const mode = new FormData(form).get('mode') === 'show' ? 'show' : 'count'
  /** @type {Map<string, string>} */
  const options = new Map()
  for (const name of optionNames) {
    const value = fields.get(name)?.read() ?? null
    if (value !== null && isSet(name, value)) options.set(name, value)
  }
  return { url: url.value.trim(), mode, options }
}

/** @param {import('./state.js').Setup} setup */
export function fillForm(setup) {
  url.value = setup.url
  for (const [name, field] of fields) field.write(setup.options.get(name) ?? null)
  const mode = form.querySelector(`input[name=mode][value=${setup.mode}]`)
  if (mode instanceof HTMLInputElement) mode.checked = true
}

/** @param {import('./state.js').Setup['options']} options */
function isFace(options) {
  const face = options.get('face')
  return face !== undefined && face !== MARKS
}

/**
 * @param {import('./state.js').Setup['options']} options
 * @returns {readonly string[]} the options that have no effect together with them
 */
export function idleBeside(options) {
  if (isFace(options)) return NOT_ON_FACES
  return options.get('style') === WITHOUT_COLOURS ? COLOURS : []
}

/** Updates what depends on the fields: pickers, fields without effect, and the options named on each group. */
export function fitForm() {
  const { options } = setupOfForm()
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
}

/**
 * Shows a refusal's sentence at its option, and clears it at all others.
 * @param {string} wrong begins with the option's name, if it is about one; empty if nothing was refused
 * @returns {boolean} whether it is about an option
 */
export function showRefusal(wrong) {
  const about = optionNames.find((name) => wrong.startsWith(`${name} must `))
  for (const [name, field] of fields) field.showRefusal(name === about ? wrong : '')
  // A wrong value from the address bar may be in a closed group.
  for (const { names, details } of groups) {
    if (about && names.includes(about)) details.open = true
  }
  return about !== undefined
}

byId('first', HTMLElement).append(
  ...makeFields(FIRST.flatMap((name) => offered.filter((option) => option.name === name))),
)
const grouped = Map.groupBy(
  offered.filter(({ name }) => !FIRST.includes(name)),
  ({ group }) => group,
)
byId('groups', HTMLElement).append(
  ...[...grouped].map(([name, options]) => makeGroup(name, options)),
)
