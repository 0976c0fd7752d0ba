// Colours: a text field for any colour, and two pickers beside it, for light ground and for dark.

const canvas = document.createElement('canvas').getContext('2d')

/** The colours that badge-maker has its own names for; browsers know other colours by some of them. */
const NAMED = new Map(
  Object.entries({
    brightgreen: '#44bb00',
    green: '#67ac09',
    yellowgreen: '#95991a',
    yellow: '#d8b800',
    orange: '#ea7233',
    red: '#dd4343',
    blue: '#007ec6',
    grey: '#555555',
    lightgrey: '#939393',
  }),
)

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
    picker.setAttribute('aria-label', `${name} on ${ground} ground`)
    const title = document.createElement('label')
    title.append(picker, ground)
    field.parentElement?.append(title)
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
  const named = swatches(field, name)
  field.parentElement?.after(named)

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
    for (const swatch of named.querySelectorAll('button')) swatch.disabled = field.disabled
  }
}

/**
 * A button for each colour that has a name. It sets the colour for both grounds.
 * @param {HTMLInputElement} field
 * @param {string} title
 */
function swatches(field, title) {
  const row = document.createElement('div')
  row.className = 'swatches'
  for (const [name, color] of NAMED) {
    const button = document.createElement('button')
    button.type = 'button'
    button.title = name
    button.setAttribute('aria-label', `${title}: ${name}`)
    button.style.backgroundColor = color
    button.addEventListener('click', () => {
      field.value = name
      field.dispatchEvent(new Event('input', { bubbles: true }))
    })
    row.append(button)
  }
  return row
}

/** @param {HTMLInputElement} picker */
function hex(picker) {
  return picker.value.replace(/^#/, '')
}

/**
 * Shows a colour in a picker. If a browser does not know the colour, the picker stays as it was.
 * @param {HTMLInputElement} picker
 * @param {string} value
 */
function showIn(picker, value) {
  if (!canvas) return
  canvas.fillStyle = '#010203'
  const color = NAMED.get(value.toLowerCase()) ?? value
  canvas.fillStyle = /^([\da-f]{3}){1,2}$/i.test(color) ? `#${color}` : color
  const known = canvas.fillStyle !== '#010203' && canvas.fillStyle.startsWith('#')
  if (known) picker.value = canvas.fillStyle
}
