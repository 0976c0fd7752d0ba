/** SVGs that crash a renderer or keep it busy. */

const XMLNS = 'xmlns="http://www.w3.org/2000/svg"'

export const svgOf = (width: number, height = 20, content = '') =>
  `<svg ${XMLNS} width="${width}" height="${height}">${content}</svg>`

const pictureOf = (content: string) => `<svg ${XMLNS} viewBox="0 0 24 24">${content}</svg>`

/** resvg panics if a layer lies outside of the picture. */
export const PANIC = pictureOf('<rect x="1e6" width="9" height="9" opacity=".5"/>')
/** The same, with a path whose place is harder to see. */
export const HIDDEN_PANIC = pictureOf('<path d="M500 0s1 1 2 2z" opacity=".5"/>')

const ARCS = 'a9 9 0 0 1 9 9'.repeat(380)
const THICK = `<path fill="none" stroke="#000" stroke-linejoin="round" stroke-width="900000" d="M0 0${ARCS}"/>`
/** resvg takes seconds to turn a thick line with round joins into an outline. */
export const SLOW = pictureOf(THICK)
/** The same, in a picture whose unit is so small that the line looks thin. */
export const HIDDEN_SLOW = pictureOf(THICK).replace('24 24', '1000000 1000000')

export const HARMLESS = pictureOf('<rect width="24" height="24" fill="#f00"/>')

export const inData = (svg: string) =>
  `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`

/** A drawing with another one in it, as a badge has a logo. */
export const withImage = (svg: string) =>
  svgOf(90, 20, `<image x="5" y="3" width="14" height="14" href="${inData(svg)}"/>`)

/** Takes many seconds, and hardly any memory. */
export const ENDLESS = svgOf(
  1000,
  1000,
  '<filter id="f"><feTurbulence numOctaves="20" baseFrequency=".1"/></filter>' +
    '<rect width="1000" height="1000" filter="url(#f)"/>'.repeat(30),
)

/** Groups that need a layer of 4 MB each. */
export const MEMORY = svgOf(
  1000,
  1000,
  '<g opacity=".5"><rect width="1000" height="1000"/>'.repeat(34) + '</g>'.repeat(34),
)
