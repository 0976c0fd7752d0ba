// The number in other forms than the badge: what people paste, as addresses.
import { encode, queryOf } from './snippets.js'

/** The options that each of them has; all others mean nothing to it. */
const OF_CARD = ['label', 'color', 'theme', 'scale', 'base']
const OF_SHIELDS = [
  ...['label', 'prefix', 'suffix', 'color', 'labelColor', 'colorSteps', 'theme', 'style'],
  ...['logo', 'logoColor', 'logoWidth', 'format', 'base', 'show'],
]
/** A PNG is once, twice or three times as large, and nothing in between. */
const MOST_PNG_SCALE = 3

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
      name: 'Card with its history',
      text: `${base}/graph.svg${only(OF_CARD)}`,
      note: 'Hits of the last 30 days as an image. It does not count.',
    },
    {
      name: 'PNG',
      text: `${base}/${counter}/tag.png${queryOf(url, pngOptions(options))}`,
      note: 'For a mail, and wherever SVG is not shown. It stands still, in the colours for light ground.',
    },
    {
      name: 'Badge of shields.io',
      text: `https://img.shields.io/endpoint?url=${encode(endpoint).replace(/[:/]/g, encodeURIComponent)}`,
      note: 'shields.io draws it and asks here for the number. It does not count.',
    },
  ]
}

/**
 * @param {import('./state.js').Setup['options']} options
 * @returns {[string, string][]} with the nearest scale that a PNG has
 */
function pngOptions(options) {
  return [...options].map(([name, value]) => {
    if (name !== 'scale') return [name, value]
    const nearest = Math.min(MOST_PNG_SCALE, Math.round(Number(value)) || 1)
    return [name, String(nearest)]
  })
}
