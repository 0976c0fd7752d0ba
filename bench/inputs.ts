// `npm run bench:inputs`: how long each parser of strangers' input takes for the worst known inputs of 16,000 bytes,
// and each of the routes that do more than to parse.
import type { FastifyInstance } from 'fastify'
import { build } from '../test/harness/app.ts'
import {
  costlyRoutes,
  LONGEST,
  type Parser,
  parsers,
  SETTINGS,
  timesOf,
} from '../test/harness/worst-inputs.ts'
import { type Spread, spread } from './compare.ts'

/** Readings while code is still compiled, which are dropped; and readings that count. */
const WARM = 150
const READINGS = 50

interface Row {
  parser: string
  /** The worst input by name. */
  input: string
  /** In ms. The least is the time when nothing else runs. */
  took: Spread
}

/** The worst input of each parser, slowest first. @param make `parsers` or `costlyRoutes` */
export async function slowestInputs(
  make: (app: FastifyInstance) => Parser[] = parsers,
): Promise<Row[]> {
  const ends: (() => unknown)[] = []
  const { app } = await build({ after: (end) => void ends.unshift(end) }, SETTINGS)
  const rows: Row[] = []
  for (const parser of make(app)) {
    const all: Row[] = []
    for (const input of Object.keys(parser.inputs)) {
      const times = await timesOf(parser, input, LONGEST, WARM + READINGS)
      all.push({ parser: parser.name, input, took: spread(times.slice(WARM)) })
    }
    all.sort(bySlowness)
    rows.push(all[0] as Row)
  }
  for (const end of ends) await end()
  return rows.sort(bySlowness)
}

const bySlowness = (a: Row, b: Row) => b.took.median - a.took.median

if (import.meta.main) {
  for (const [title, make] of [
    ['parser', parsers],
    ['route', costlyRoutes],
  ] as const) {
    process.stdout.write(`| ${title} | worst input | median, ms | least |\n|---|---|---|---|\n`)
    for (const { parser, input, took } of await slowestInputs(make)) {
      process.stdout.write(
        `| ${parser} | ${input} | ${took.median.toFixed(2)} | ${took.least.toFixed(2)} |\n`,
      )
    }
    process.stdout.write('\n')
  }
}
