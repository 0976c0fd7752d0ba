// The looks: sets of options to begin with. The server draws their controls.
import { byId, instance } from './page.js'

/** @typedef {import('./setup.js').Setup['options']} Options */

/** Options that change what the badge says. They stay when another look is picked. */
const WORDS = ['label', 'prefix', 'suffix', 'base', 'show', 'period', 'within', 'tz', 'days']
const isLook = (/** @type {string} */ name) => !WORDS.includes(name)

/**
 * The look that the options match, if there is one.
 * @param {Options} options
 */
function lookOf(options) {
  const looks = [...options].filter(([name]) => isLook(name))
  return instance.presets.find((preset) => {
    const wanted = Object.keys(preset.options).filter(isLook)
    return (
      looks.length === wanted.length &&
      looks.every(([name, value]) => preset.options[name] === value)
    )
  })
}

/**
 * Marks the look that the options match, and no other.
 * @param {Options} options
 */
export function markLook(options) {
  if (instance.ownBadge) return
  const look = lookOf(options)
  for (const radio of byId('looks', HTMLElement).querySelectorAll('input')) {
    radio.checked = radio.value === look?.name
  }
}

/**
 * @param {string} name of the look that is picked
 * @param {Options} before
 * @param {readonly string[]} names all options, in their order
 * @param {boolean} ownLabel whether the label stays
 */
export function pick(name, before, names, ownLabel) {
  const look = instance.presets.find((preset) => preset.name === name)
  /** @type {Map<string, string>} */
  const options = new Map()
  for (const option of names) {
    const stays = !isLook(option) && (option !== 'label' || ownLabel)
    const value = stays ? before.get(option) : look?.options[option]
    if (value !== undefined) options.set(option, value)
  }
  return { options, keeps: lookOf(before) === undefined }
}
