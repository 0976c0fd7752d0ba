// `npm run bench`: what a counted, durable, drawn answer costs compared with a constant one. See README.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chart } from './chart.ts'
import { type Bench, type Compared, compare } from './compare.ts'
import { FIGURES, type Figure } from './figures.ts'
import { chooseGenerator } from './load.ts'
import { WORKS } from './works.ts'

/** The result of a work, as the JSON has it. */
export interface Result extends Compared {
  name: string
  title: string
  least: number
  hope: number
}

const everything = [...WORKS.map(({ name }) => name), ...Object.keys(FIGURES)]
const USAGE = `Usage: npm run bench [-- --only WORKS] [--rounds N] [--seconds N] [--out FILE] [--before FOLDER]
Works: ${everything.join(', ')}. bench/README.md says what they measure.
`
const { values, names } = readCommand()

const folder = mkdtempSync(join(tmpdir(), 'tallymark-bench-'))
const print = (line: string) => process.stdout.write(`${line}\n`)
try {
  const bench: Bench = {
    folder,
    generator: chooseGenerator(folder),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    before: values.before && resolve(values.before),
    print,
  }
  const machine = `${bench.generator.name}, Node ${process.version}, ${availableParallelism()} cores`
  print(machine)
  const results: Result[] = []
  for (const work of WORKS.filter(({ name }) => names.includes(name))) {
    const { name, title, least, hope } = work
    results.push({ name, title, least, hope, ...(await compare(work, bench)) })
  }
  const figures: Figure[] = []
  for (const [name, measure] of Object.entries(FIGURES)) {
    if (names.includes(name)) figures.push(...(await measure(bench)))
  }
  const [pages] = results.filter(({ name }) => name === 'pages')
  if (pages) {
    const { writtenPerAnswer: value } = pages
    figures.push({
      name: 'written',
      title: 'written to the disk for a hit, 1,000 pages',
      value,
      unit: 'bytes',
      least: 600,
      hope: 300,
    })
  }
  printTable(results, figures)
  if (values.out !== undefined) {
    const date = new Date().toISOString().slice(0, 10)
    writeFileSync(
      `${values.out}.json`,
      `${JSON.stringify({ date, machine, rounds: bench.rounds, seconds: bench.seconds, results, figures }, null, 1)}\n`,
    )
    writeFileSync(
      `${values.out}.svg`,
      chart(results, `Ratio of answers a second; ${machine}; ${date}`),
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function printTable(results: readonly Result[], figures: readonly Figure[]): void {
  print('\n| work | ratio | all rounds | target | hoped for | p99, ms | p99 of the other |')
  print('|---|---|---|---|---|---|---|')
  for (const { title, ratio, least, hope, p99 } of results) {
    print(
      `| ${title} | **${ratio.median.toFixed(2)}** | ${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)} ` +
        `| ${least} | ${hope} | ${p99[1].toFixed(1)} | ${p99[0].toFixed(1)} |`,
    )
  }
  print('\n| figure | measured | target | hoped for |\n|---|---|---|---|')
  for (const { title, value, unit, least, hope } of figures) {
    const rounded = value < 10 ? value.toFixed(2) : value.toFixed(0)
    print(`| ${title} | **${rounded} ${unit}** | ${least} | ${hope ?? ''} |`)
  }
}

/** Ends the program if the command line makes no sense, before anything is measured or written. */
function readCommand() {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '3' },
        only: { type: 'string', default: everything.join(',') },
        out: { type: 'string' },
        before: { type: 'string' },
      },
    })
    if (values.help) {
      process.stdout.write(USAGE)
      process.exit()
    }
    const names = values.only.split(',')
    const unknown = names.filter((name) => !everything.includes(name))
    if (unknown.length > 0) throw new Error(`There is no work ${unknown.join(', ')}.`)
    for (const name of ['rounds', 'seconds'] as const) {
      if (!(Number(values[name]) > 0)) throw new Error(`--${name} must be a number above 0.`)
    }
    return { values, names }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`)
    process.exit(2)
  }
}
