import assert from 'node:assert/strict'
import test from 'node:test'
import { build, FILE } from '../harness/app.ts'
import { costlyRoutes, LONGEST, parsers, SETTINGS, timesOf } from '../harness/worst-inputs.ts'

/** At most; the fastest counts. */
const READINGS = 25
/** In ms. The bench holds the promise of 1 ms; this limit allows for other tests at the same time, and for slow machines. */
const MOST = 20
/** How much longer four times the bytes may take: sixteen times is the square. */
const GROWTH = 10
/** Times below this, in ms, are too short to show how they grow. */
const NOISE = 0.3
/** The least time that growth is compared to, in ms: what is cached takes no time at all. */
const LEAST = 0.1

const { app } = await build(FILE, SETTINGS)

for (const parser of [...parsers(app), ...costlyRoutes(app)]) {
  test(`${parser.name}: 16 kB of the worst take no long time, and not the square of their length`, async () => {
    for (const input of Object.keys(parser.inputs)) {
      const fastest = async (bytes: number, enough?: number) =>
        Math.min(...(await timesOf(parser, input, bytes, READINGS, enough)))
      const long = await fastest(LONGEST, NOISE)
      assert.ok(long < MOST, `${input}: ${long} ms`)
      if (long < NOISE) continue
      const short = await fastest(LONGEST / 4)
      assert.ok(
        long < GROWTH * Math.max(short, LEAST) + NOISE,
        `${input}: ${short} ms, then ${long} ms`,
      )
    }
  })
}
