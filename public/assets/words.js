// The names of the options on the page.

const NAMES = new Map(
  Object.entries({
    label: 'Label',
    prefix: 'Before the number',
    suffix: 'After the number',
    color: 'Colour',
    labelColor: 'Label colour',
    textColor: 'Text colour',
    colorSteps: 'Colour by number',
    theme: 'Light or dark',
    style: 'Style',
    radius: 'Corners',
    scale: 'Size',
    animate: 'Count up',
    logo: 'Logo',
    logoColor: 'Logo colour',
    logoWidth: 'Logo width',
    format: 'Number format',
    base: 'Start from',
    period: 'Period',
    within: 'Within',
    tz: 'Time zone',
    days: 'Days on a card',
    show: 'Numbers shown',
    trend: 'Sparkline',
    face: 'Face',
    digits: 'Least digits',
  }),
)

/** @param {string} option */
export function nameOf(option) {
  // An option that this list lacks is shown by its own name.
  return NAMES.get(option) ?? option
}

/**
 * The hint of an option; empty if its control says enough, or limits the length by itself.
 * @param {import('./page.js').Option} option
 */
export function hintOf({ field, wanted }) {
  const isClear =
    field.kind === 'switch' ||
    (field.kind === 'choice' && !field.open) ||
    wanted.startsWith('text of at most')
  return isClear ? '' : `${wanted.charAt(0).toUpperCase()}${wanted.slice(1)}.`
}
