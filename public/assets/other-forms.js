// The addresses of other forms of the number: card, PNG, and badge of shields.io.
import { encode, queryOf } from './snippets.js'

/** The options that each form has; the others have no effect on it. */
const OF_CARD = ['label', 'color', 'theme', 'scale', 'base']
const OF_SHIELDS = [
  ...['label', 'prefix', 'suffix', 'color', 'labelColor', 'colorSteps', 'theme', 'style'],
  ...['logo', 'logoColor', 'logoWidth', 'format', 'base', 'show'],
]
/** The scale of a PNG is 1, 2 or 3. */
const MAX_PNG_SCALE = 3

/**
 * @param {string} base
 * @param {import('./state.js').Setup} setup
 * @returns {import('./snippets.js').Snippet[]}
 */
export function otherForms(base, { url, mode, options }) {
  /** @param {readonly string[]} names */
  const only = (names) =>
    queryOf(
      url,
      [...options].filter(([name]) => names.includes(name)),
    )
  const counter = mode === 'show' ? 'nocount' : 'count'
  const endpoint = `${base}/shields.json${only(OF_SHIELDS)}`
  return [
    {
      name: 'Card with hits by day',
      text: `${base}/graph.svg${only(OF_CARD)}`,
      note: 'The hits of the last 30 days as an image. It does not count.',
    },
    {
      name: 'PNG',
      text: `${base}/${counter}/tag.png${queryOf(url, pngOptions(options))}`,
      note: 'For e-mail and other places without SVG. It has no motion, and the colours for light ground.',
    },
    {
      name: 'Badge of shields.io',
      text: `https://img.shields.io/endpoint?url=${encode(endpoint).replace(/[:/]/g, encodeURIComponent)}`,
      note: 'shields.io draws it with the number from here. It does not count.',
    },
  ]
}

/**
 * @param {import('./state.js').Setup['options']} options
 * @returns {[string, string][]} the options, with the nearest scale that a PNG can have
 */
function pngOptions(options) {
  return [...options].map(([name, value]) => {
    if (name !== 'scale') return [name, value]
    const nearest = Math.min(MAX_PNG_SCALE, Math.round(Number(value)) || 1)
    return [name, String(nearest)]
  })
}
