// The looks: sets of options to begin with, as buttons that show them.
import { fields, fillForm, optionNames, setupOfForm } from './form.js'
import { byId, instance } from './page.js'
import { queryOf } from './snippets.js'

/** Options that change the badge's words. They stay when another look is picked. */
const WORDS = ['label', 'prefix', 'suffix', 'base', 'show']
const isLook = (/** @type {string} */ name) => !WORDS.includes(name)

const buttons = instance.ownBadge ? [] : instance.presets.map(makeButton)
byId('looks', HTMLElement).append(...buttons.map(({ element }) => element))

/** Whether a person wrote the label: no look has set it. */
let ownLabel = false
/** Whether the form's options are one of the looks. */
let isPreset = true
fields.get('label')?.input.addEventListener('input', () => {
  ownLabel = true
})

/** @param {import('./page.js').Preset} preset */
function makeButton(preset) {
  const radio = document.createElement('input')
  radio.type = 'radio'
  radio.name = 'look'
  radio.value = preset.name
  const image = document.createElement('img')
  image.alt = ''
  image.src = `sample/tag.svg${queryOf('', Object.entries(preset.options))}`
  const name = document.createElement('span')
  name.textContent = preset.name
  const tile = document.createElement('span')
  tile.className = 'tile'
  tile.append(image, name)
  const element = document.createElement('label')
  element.append(radio, tile)
  return { element, radio, preset }
}

/** Finds out whether a person wrote the label, after the form was filled from an address. */
export function lookFilled() {
  const label = setupOfForm().options.get('label')
  ownLabel = label !== undefined && !instance.presets.some(({ options }) => options.label === label)
}

/** Marks the look that the form's options match, if there is one, and no other. */
export function markLook() {
  const { options } = setupOfForm()
  const looks = [...options].filter(([name]) => isLook(name))
  for (const { radio, preset } of buttons) {
    const wanted = Object.keys(preset.options).filter(isLook)
    radio.checked =
      looks.length === wanted.length &&
      looks.every(([name, value]) => preset.options[name] === value)
  }
  isPreset = buttons.some(({ radio }) => radio.checked)
}

/**
 * Replaces the options with those of a look, if a look was picked.
 * @param {EventTarget | null} target the control that changed
 * @returns {boolean} whether this replaced options that were set by hand
 */
export function pickLook(target) {
  const picked = buttons.find(({ radio }) => radio === target)
  if (!picked) return false
  const { url, mode, options: before } = setupOfForm()
  /** @type {Map<string, string>} */
  const options = new Map()
  for (const name of optionNames) {
    const own = !isLook(name) && (name !== 'label' || ownLabel)
    const value = own ? before.get(name) : picked.preset.options[name]
    if (value !== undefined) options.set(name, value)
  }
  fillForm({ url, mode, options })
  return !isPreset
}
