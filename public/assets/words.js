// What the options are called on the page.

const NAMES = new Map(
  Object.entries({
    label: 'Label',
    prefix: 'Before the number',
    suffix: 'After the number',
    color: 'Colour',
    labelColor: 'Label colour',
    textColor: 'Text colour',
    colorSteps: 'Colour by number',
    theme: 'Ground',
    style: 'Style',
    radius: 'Corners',
    scale: 'Size',
    animate: 'Count up softly',
    logo: 'Logo',
    logoColor: 'Logo colour',
    logoWidth: 'Logo width',
    format: 'Written as',
    base: 'Start from',
    show: 'Numbers shown',
    trend: 'Trend line',
    face: 'Drawn as',
    digits: 'Digits at least',
  }),
)

/** @param {string} option */
export function nameOf(option) {
  // An option that is newer than this list is shown all the same.
  return NAMES.get(option) ?? option
}

/**
 * What is to be known before filling an option in; nothing where its control says it all, or holds to a length by itself.
 * @param {import('./page.js').Option} option
 */
export function hintOf({ field, wanted }) {
  const told =
    field.kind === 'switch' ||
    (field.kind === 'choice' && !field.open) ||
    wanted.startsWith('text of at most')
  return told ? '' : `${wanted.charAt(0).toUpperCase()}${wanted.slice(1)}.`
}
