// Makes the control of an option from the instance's description of it.
import { addPickers } from './colours.js'
import { instance } from './page.js'
import { hintOf, nameOf } from './words.js'

/** The instance's defaults, of the options that have one. */
const OTHERWISE = new Map([
  ['label', instance.badge.label],
  ['style', instance.badge.style],
])
/** Default colours, to show them in the pickers. */
const OTHER_COLOURS = new Map([
  ['color', instance.badge.color.replace(/^#/, '')],
  ['labelColor', '555'],
])

/** Longer texts, and colours, get a whole row. */
const SHORT = 80

/**
 * @typedef {object} Field
 * @property {HTMLElement} element the control with its name and its hint
 * @property {HTMLInputElement | HTMLSelectElement} input
 * @property {() => string | null} read null for the default
 * @property {(value: string | null) => void} write
 * @property {(disabled: boolean) => void} fit is called after any change of the form
 * @property {(wrong: string) => void} showFault shows what is wrong instead of the hint; empty: the hint again
 */

/**
 * @param {import('./page.js').Option} option
 * @param {string} hintBefore the previous field's hint: the same one again is for screen readers only
 * @returns {Field}
 */
export function makeField(option, hintBefore) {
  const { name, field } = option
  const otherwise = OTHERWISE.get(name) ?? ''
  const input = makeInput(option, otherwise)
  input.id = name
  input.name = name
  const title = document.createElement('label')
  title.htmlFor = name
  title.textContent = nameOf(name)
  const hint = hintElement(option, hintBefore)
  input.setAttribute('aria-describedby', hint.id)
  const row = document.createElement('div')
  row.className = field.kind === 'colour' ? 'colours' : ''
  row.append(input)
  const element = document.createElement('div')
  element.className = `field ${layoutOf(field)}`
  element.append(title, row, hint)
  const list = field.kind === 'choice' && field.open ? datalist(field.choices) : null
  if (list) {
    list.id = `${name}-choices`
    input.setAttribute('list', list.id)
    row.append(list)
  }
  const show =
    field.kind === 'colour' && input instanceof HTMLInputElement
      ? addPickers(input, nameOf(name), OTHER_COLOURS.get(name) ?? option.examples[0] ?? '')
      : () => {}
  const { className, textContent } = hint
  return {
    element,
    input,
    read() {
      const value = inputValue(input)
      const trimmed = field.kind === 'text' ? value : value.trim()
      return trimmed === otherwise ? null : trimmed
    },
    write(value) {
      if (input.type === 'checkbox' && input instanceof HTMLInputElement) {
        input.checked = value === '1'
      } else {
        input.value = value ?? otherwise
        // A select that does not offer the value has an empty one.
        if (input.value === '' && input instanceof HTMLSelectElement) input.value = otherwise
      }
    },
    fit(disabled) {
      input.disabled = disabled
      show()
    },
    showFault(wrong) {
      input.setAttribute('aria-invalid', String(wrong !== ''))
      hint.textContent = wrong || textContent
      hint.className = wrong ? 'hint wrong' : className
    },
  }
}

/** @param {import('./page.js').Control} field */
function layoutOf(field) {
  if (field.kind === 'switch') return 'switched'
  return field.kind === 'colour' || (field.kind === 'text' && field.most > SHORT) ? 'wide' : ''
}

/** @param {HTMLInputElement | HTMLSelectElement} input */
function inputValue(input) {
  if (input.type !== 'checkbox' || !(input instanceof HTMLInputElement)) return input.value
  return input.checked ? '1' : ''
}

/**
 * @param {import('./page.js').Option} option
 * @param {string} otherwise
 */
function makeInput({ name, field, examples }, otherwise) {
  if (field.kind === 'choice' && !field.open) return select(field.choices, otherwise)
  const input = document.createElement('input')
  const example = examples.find(Boolean)
  input.type = 'text'
  input.spellcheck = false
  input.placeholder = OTHER_COLOURS.get(name) ?? (example ? `e.g. ${example}` : '')
  if (field.kind === 'text') input.maxLength = field.most
  if (field.kind === 'colour') input.maxLength = 130
  if (field.kind === 'switch') input.type = 'checkbox'
  if (field.kind === 'number') {
    input.type = 'number'
    input.min = String(field.least)
    input.max = String(field.most)
    input.step = String(field.step)
  }
  return input
}

/**
 * @param {readonly string[]} choices
 * @param {string} otherwise
 */
function select(choices, otherwise) {
  const element = document.createElement('select')
  if (otherwise === '') element.append(new Option('not set', ''))
  element.append(...choices.map((choice) => new Option(choice, choice)))
  element.value = otherwise
  return element
}

/** @param {readonly string[]} choices */
function datalist(choices) {
  const list = document.createElement('datalist')
  list.append(...choices.map((choice) => new Option(choice, choice)))
  return list
}

/**
 * @param {import('./page.js').Option} option
 * @param {string} before
 */
function hintElement(option, before) {
  const hint = document.createElement('p')
  hint.id = `${option.name}-hint`
  hint.textContent = hintOf(option)
  hint.className = hint.textContent === before ? 'hidden' : 'hint'
  return hint
}
