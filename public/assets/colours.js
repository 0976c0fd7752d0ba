// Colours: a text field for any colour, and two pickers beside it, for light ground and for dark.

const canvas = document.createElement('canvas').getContext('2d')

/**
 * Splits one colour, or two with a comma between them. A CSS colour may also contain commas, in brackets.
 * @param {string} value
 * @returns {[light: string, dark: string | undefined]}
 */
export function splitPair(value) {
  const [light = '', dark] = value.split(/,(?![^(]*\))/)
  return [light.trim(), dark?.trim()]
}

/**
 * Adds two pickers to a field; they write into it.
 * @param {HTMLInputElement} field
 * @param {string} name the option's name for people
 * @param {string} otherwise the colour that an empty field means
 */
export function addPickers(field, name, otherwise) {
  const [light, dark] = /** @type {const} */ (['light', 'dark']).map((ground) => {
    const picker = document.createElement('input')
    picker.type = 'color'
    picker.dataset.for = field.id
    picker.dataset.ground = ground
    picker.title = `On ${ground} ground`
    picker.setAttribute('aria-label', `${name} on ${ground} ground`)
    return picker
  })
  if (!light || !dark) throw new Error('there are two grounds')
  // These listeners run before the form's, which reads the field.
  light.addEventListener('input', () => {
    const [, other] = splitPair(field.value)
    field.value = [hex(light), ...(other ? [other] : [])].join(',')
  })
  dark.addEventListener('input', () => {
    const [first] = splitPair(field.value)
    field.value = `${first || hex(light)},${hex(dark)}`
  })
  field.after(light, dark)

  /** Shows in the pickers the colours that the field names. */
  return function show() {
    const [first, second] = splitPair(field.value)
    for (const [picker, value] of /** @type {const} */ ([
      [light, first || otherwise],
      [dark, second || first || otherwise],
    ])) {
      picker.disabled = field.disabled
      showIn(picker, value)
    }
  }
}

/** @param {HTMLInputElement} picker */
function hex(picker) {
  return picker.value.replace(/^#/, '')
}

/**
 * Shows a colour in a picker. A browser does not know badge-maker's own names; then the picker stays as it was.
 * @param {HTMLInputElement} picker
 * @param {string} value
 */
function showIn(picker, value) {
  if (!canvas) return
  canvas.fillStyle = '#010203'
  canvas.fillStyle = /^([\da-f]{3}){1,2}$/i.test(value) ? `#${value}` : value
  const known = canvas.fillStyle !== '#010203' && canvas.fillStyle.startsWith('#')
  if (known) picker.value = canvas.fillStyle
}
