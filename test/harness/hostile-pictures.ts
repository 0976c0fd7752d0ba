/** SVGs that strangers send to harm whatever draws them. */

const svg = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${content}</svg>`

/** resvg panics: a layer lies outside of the picture. */
export const PANIC_SVG = svg('<rect x="1e4" width="9" height="9" opacity=".5"/>')

/** Takes seconds: arcs with round joins under a huge stroke. @param seed makes it another one */
export function slowSvg(seed = 0): string {
  const arcs = Array.from(
    { length: 380 },
    (_, at) => `A9 9 0 1 1 ${(at + seed) % 10} ${(at * 7) % 10}`,
  )
  const stroke = 'fill="none" stroke="red" stroke-width="99999" stroke-linejoin="round"'
  return svg(`<path ${stroke} transform="scale(${100 + seed})" d="M0 0${arcs.join('')}"/>`)
}

/** As a tag sends it. */
export function toLogo(picture: string): string {
  return encodeURIComponent(`data:image/svg+xml,${picture}`)
}
