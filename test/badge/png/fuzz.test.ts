import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { PngProblem, Pngs, PngsFull } from '../../../src/badge/png/pngs.ts'
import { drawImage } from '../../../src/badge/style/maker.ts'
import { readImage } from '../../../src/badge/untrusted/image.ts'
import { HARMLESS, inData } from '../../harness/hostile-svg.ts'
import { hostileDrawing, hostileLogo } from '../../harness/random-svg.ts'

/** How many pictures of each kind are tried. More are tried with, say, `PNG_FUZZ=100000`, some 50 to 100 a second. */
const PICTURES = Number(process.env.PNG_FUZZ ?? 48)
const FIRST_SEED = 1
/** As many as are on their way at once. */
const TOGETHER = 4

const SIGNATURE = '89504e470d0a1a0a'

for (const [name, arbitrary, pictureOf] of [
  ['logos, sanitised', hostileLogo, (svg: string) => readImage(inData(svg)) ?? undefined],
  ['drawings, as they are', hostileDrawing, inData],
] as const) {
  test(`whatever is in them, ${name}, are drawn or refused, and the next ones are drawn`, async (t) => {
    const pngs = new Pngs()
    t.after(() => pngs.close())
    const draw = (href: string, scale = 3, caller = 0) =>
      pngs.reserve(`${caller}`, 'trial', (draw) => draw(drawImage(href, null), scale))
    const tally = { drawn: 0, refused: 0, notTaken: 0, waited: 0 }
    const problems = new Map<string, number>()
    for (let done = 0; done < PICTURES; done += TOGETHER) {
      const seed = FIRST_SEED + done
      const svgs = fc.sample(arbitrary, { seed, numRuns: TOGETHER })
      const all = svgs.map(async (svg, at) => {
        const href = pictureOf(svg)
        if (href === undefined || href.length > 60_000) {
          tally.notTaken += 1
          return
        }
        try {
          const { png } = await draw(href, 3, at)
          assert.equal(Buffer.from(png.subarray(0, 8)).toString('hex'), SIGNATURE)
          tally.drawn += 1
        } catch (error) {
          // The machine was busy with other things.
          if (error instanceof PngsFull) {
            tally.waited += 1
            return
          }
          assert.ok(error instanceof PngProblem, `${error} of ${svg}`)
          const problem = error.message.slice(0, 60)
          problems.set(problem, (problems.get(problem) ?? 0) + 1)
          tally.refused += 1
        }
      })
      await Promise.all(all)
    }
    assert.ok(await draw(inData(HARMLESS)))
    t.diagnostic(JSON.stringify({ ...tally, ...Object.fromEntries(problems) }))
    const most = process.resourceUsage().maxRSS / 1000
    t.diagnostic(`${Math.round(most)} MB at most`)
    assert.ok(most < 600, `${most} MB`)
    assert.ok(tally.drawn > PICTURES / 4, 'many can be drawn')
    assert.ok(tally.refused > 0, 'and some cannot')
  })
}
