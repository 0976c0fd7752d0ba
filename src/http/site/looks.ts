import type { Badges } from '../../badge/badge.ts'
import { PRESETS } from '../../badge/examples.ts'
import { sampleSparkline, TOTAL } from '../samples.ts'
import { escapeHtml } from './html.ts'

/** Px between two badges in the drawing of all. */
const SPACE = 4

/** The looks to begin with: one drawing of them all, and the home page's controls that show its parts. */
export interface Looks {
  svg: string
  html: string
}

/** Draws all looks into one SVG, so that the page needs one request for them. A look is shown by its name as the fragment. */
export function drawLooks(badges: Badges): Looks {
  let top = 0
  let width = 0
  const looks = PRESETS.map(({ name, options }) => {
    const { appearance } = badges.read(options)
    const { trend } = appearance.options
    const sparkline = trend && sampleSparkline(trend)
    const svg = badges.draw(appearance, { numbers: [TOTAL], captions: [''], sparkline }, '')
    const look = { name, id: name.toLowerCase().replace(/\W+/g, '-'), svg, top, ...sizeOf(svg) }
    top += Math.ceil(look.height) + SPACE
    width = Math.max(width, look.width)
    return look
  })
  const parts = looks.map(
    ({ id, svg, top, width, height }) =>
      `<view id="${id}" viewBox="0 ${top} ${width} ${height}"/>${svg.replace('<svg ', `<svg y="${top}" `)}`,
  )
  const tiles = looks.map(
    (
      { name, id, width, height },
      at,
    ) => `<label><input type="radio" name="look" value="${escapeHtml(name)}"${at === 0 ? ' checked' : ''}>
                <span class="tile"><img src="sample/looks.svg#${id}" alt="" width="${width}" height="${height}"><span>${escapeHtml(name)}</span></span></label>`,
  )
  return {
    svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}">${parts.join('')}</svg>`,
    html: tiles.join('\n              '),
  }
}

function sizeOf(svg: string): { width: number; height: number } {
  const [, width, height] = /^<svg [^>]*?\bwidth="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? []
  return { width: Number(width), height: Number(height) }
}
