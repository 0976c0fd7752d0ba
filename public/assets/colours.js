// Colours: a text field that takes any, and two pickers beside it, for light ground and for dark.

const canvas = document.createElement('canvas').getContext('2d')

/**
 * One colour, or two with a comma between them. A CSS colour may hold commas too, in brackets.
 * @param {string} value
 * @returns {[light: string, dark: string | undefined]}
 */
export function splitPair(value) {
  const [light = '', dark] = value.split(/,(?![^(]*\))/)
  return [light.trim(), dark?.trim()]
}

/**
 * The pickers for a field, which they fill in.
 * @param {HTMLInputElement} field
 * @param {string} name what it is the colour of
 * @param {string} otherwise the colour where the field is empty
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
  // Before the form hears of it.
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
 * badge-maker's own names are not known to a browser: the picker then stays as it was.
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
