import type { Result } from './run.ts'

const LEFT = 300
const WIDTH = 420
const ROW = 30
const TOP = 64

/** The ratios as an SVG: a bar for the median, a line for the spread, marks for the target and the hope. */
export function chart(results: readonly Result[], subtitle: string): string {
  const x = (ratio: number) => LEFT + Math.min(1.1, ratio) * (WIDTH / 1.1)
  const height = TOP + results.length * ROW + 44
  const bottom = TOP + results.length * ROW
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (ratio) =>
      `<line class="grid" x1="${x(ratio)}" x2="${x(ratio)}" y1="${TOP - 8}" y2="${bottom}"/>` +
      `<text class="axis" x="${x(ratio)}" y="${bottom + 16}" text-anchor="middle">${ratio}</text>`,
  )
  const rows = results.map(({ title, least, hope, ratio: { median, least: low, most } }, index) => {
    const y = TOP + index * ROW
    return (
      `<text class="name" x="${LEFT - 12}" y="${y + 15}" text-anchor="end">${xml(title)}</text>` +
      `<rect class="bar" x="${LEFT}" y="${y + 2}" width="${(x(median) - LEFT).toFixed(1)}" height="18" rx="3"/>` +
      `<line class="spread" x1="${x(low).toFixed(1)}" x2="${x(most).toFixed(1)}" y1="${y + 11}" y2="${y + 11}"/>` +
      `<line class="least" x1="${x(least)}" x2="${x(least)}" y1="${y - 1}" y2="${y + 23}"/>` +
      `<line class="hope" x1="${x(hope)}" x2="${x(hope)}" y1="${y - 1}" y2="${y + 23}"/>` +
      `<text class="value" x="${LEFT + WIDTH + 12}" y="${y + 15}">${median.toFixed(2)}</text>`
    )
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 ${height}" role="img" aria-labelledby="title">
<title id="title">Speed of counted answers as a ratio to a constant answer: ${results
    .map(({ title, ratio }) => `${xml(title)} ${ratio.median.toFixed(2)}`)
    .join('; ')}</title>
<style>
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .head { font-weight: 600; font-size: 16px } .axis, .sub { fill: #57606a; font-size: 12px }
  .value { font-weight: 600 } .bar { fill: #0a6b4b } .ground { fill: #fff }
  .grid { stroke: #d0d7de } .spread { stroke: #9aa4ad; stroke-width: 2 }
  .least { stroke: #24292f; stroke-width: 2 } .hope { stroke: #24292f; stroke-width: 2; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .axis, .sub { fill: #9198a1 } .ground { fill: #0d1117 } .grid { stroke: #30363d }
    .bar { fill: #2ea583 } .spread { stroke: #f0f6fc } .least, .hope { stroke: #e6edf3 }
  }
</style>
<rect class="ground" width="780" height="${height}" rx="8"/>
<text class="head" x="20" y="26">A counted, durable, drawn answer against a constant one</text>
<text class="sub" x="20" y="45">${xml(subtitle)}</text>
${grid.join('')}
${rows.join('\n')}
<text class="sub" x="20" y="${bottom + 36}">Bar: median. Line in it: all rounds. Solid mark: target. Dashed mark: hoped for.</text>
</svg>
`
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
