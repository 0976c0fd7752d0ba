// The builder's fields, and the setup that they hold.
import { byId, instance } from './page.js'

export const form = byId('build', HTMLFormElement)
export const fields = {
  url: byId('url', HTMLInputElement),
  label: byId('label', HTMLInputElement),
  color: byId('color', HTMLInputElement),
  labelColor: byId('labelColor', HTMLInputElement),
  style: byId('style', HTMLSelectElement),
}
/** @returns {import('./state.js').Setup} */
export function setupOfForm() {
  const mode = new FormData(form).get('mode') === 'show' ? 'show' : 'count'
  const label = fields.label.value
  return {
    url: fields.url.value.trim(),
    mode,
    label: label === instance.badge.label ? null : label,
    color: fields.color.value.trim(),
    labelColor: fields.labelColor.value.trim(),
    style: fields.style.value === instance.badge.style ? '' : fields.style.value,
  }
}

/** @param {import('./state.js').Setup} setup */
export function fillForm(setup) {
  fields.url.value = setup.url
  fields.label.value = setup.label ?? instance.badge.label
  fields.color.value = setup.color
  fields.labelColor.value = setup.labelColor
  fields.style.value = instance.styles.includes(setup.style) ? setup.style : instance.badge.style
  const mode = form.querySelector(`input[name=mode][value=${setup.mode}]`)
  if (mode instanceof HTMLInputElement) mode.checked = true
}

/** Turns the colours off where the style has none, and shows them in their pickers. */
export function fitColors() {
  for (const name of /** @type {const} */ (['color', 'labelColor'])) {
    fields[name].disabled = fields.style.value === 'social'
    showSwatch(fields[name])
  }
}

const canvas = document.createElement('canvas').getContext('2d')

/**
 * Shows in the picker beside it the colour that a field names; badge-maker's own names are not known to a browser.
 * @param {HTMLInputElement} field
 */
function showSwatch(field) {
  const picker = form.querySelector(`input[data-for=${field.id}]`)
  if (!(picker instanceof HTMLInputElement) || !canvas) return
  picker.disabled = field.disabled
  const value = field.value.trim() || field.placeholder
  canvas.fillStyle = '#010203'
  canvas.fillStyle = /^([\da-f]{3}){1,2}$/i.test(value) ? `#${value}` : value
  const known = canvas.fillStyle !== '#010203' && canvas.fillStyle.startsWith('#')
  if (known) picker.value = canvas.fillStyle
}

fields.style.replaceChildren(
  ...instance.styles.map((/** @type {string} */ style) => new Option(style, style)),
)
fields.color.placeholder = instance.badge.color.replace(/^#/, '')
for (const picker of form.querySelectorAll('input[type=color]')) {
  picker.addEventListener('input', () => {
    if (!(picker instanceof HTMLInputElement)) return
    const field = picker.dataset.for === 'labelColor' ? fields.labelColor : fields.color
    field.value = picker.value.replace(/^#/, '')
  })
}
