// The looks to begin with, as buttons that show them.
import { fields, fillForm, optionNames, setupOfForm } from './form.js'
import { byId, instance } from './page.js'
import { queryOf } from './snippets.js'

/** What a badge says and not how it looks: it stays when another look is picked. */
const WORDS = ['label', 'prefix', 'suffix', 'base', 'show']
const isLook = (/** @type {string} */ name) => !WORDS.includes(name)

const buttons = instance.ownBadge ? [] : instance.presets.map(makeButton)
byId('looks', HTMLElement).append(...buttons.map(({ element }) => element))

/** Whether the label is somebody's own: one that no look has brought. */
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

/** Tells whose label the form holds after it was filled from an address. */
export function lookFilled() {
  const label = setupOfForm().options.get('label')
  ownLabel = label !== undefined && !instance.presets.some(({ options }) => options.label === label)
}

/** Marks the look that the form's options are, if they are one; only that. */
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
 * Puts a look's options in the place of those that are set, if a look was picked.
 * @param {EventTarget | null} target what was changed
 * @returns {boolean} whether that took something away that was set by hand
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
