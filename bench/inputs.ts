// `npm run bench:inputs`: how long each parser of what strangers send takes for its worst inputs, as far as they are
// known, of 16,000 bytes.
import { Refusal } from '../src/refusal.ts'
import { build } from '../test/harness/app.ts'
import { LONGEST, type Parser, parsers, SETTINGS } from '../test/harness/worst-inputs.ts'
import { spread } from './compare.ts'

/** Readings before the first that counts, while code is compiled; and those that count. */
const WARM = 150
const READINGS = 50

interface Row {
  parser: string
  /** The worst input by name. */
  input: string
  /** The median, in ms. */
  took: number
}

/** The worst input of each parser, slowest first. */
export async function slowestInputs(): Promise<Row[]> {
  const ends: (() => unknown)[] = []
  const { app } = await build({ after: (end) => void ends.unshift(end) }, SETTINGS)
  const rows: Row[] = []
  for (const parser of parsers(app)) {
    const all: Row[] = []
    for (const input of Object.keys(parser.inputs)) {
      all.push({ parser: parser.name, input, took: await median(parser, input) })
    }
    all.sort((a, b) => b.took - a.took)
    rows.push(all[0] as Row)
  }
  for (const end of ends) await end()
  return rows.sort((a, b) => b.took - a.took)
}

async function median({ parse, inputs }: Parser, input: string): Promise<number> {
  const times: number[] = []
  for (let reading = 0; reading < WARM + READINGS; reading++) {
    const text = inputs[input]?.(LONGEST, reading) ?? ''
    const began = performance.now()
    try {
      await parse(text)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
    if (reading >= WARM) times.push(performance.now() - began)
  }
  return spread(times).median
}

if (import.meta.main) {
  process.stdout.write('| parser | worst input | median, ms |\n|---|---|---|\n')
  for (const { parser, input, took } of await slowestInputs()) {
    process.stdout.write(`| ${parser} | ${input} | ${took.toFixed(2)} |\n`)
  }
}
