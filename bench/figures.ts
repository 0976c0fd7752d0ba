import { statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { createBadges } from '../src/badge/badge.ts'
import { loadIcons } from '../src/badge/options/logo.ts'
import { createSparkline } from '../src/badge/sparkline.ts'
import { anyOptions, validOptions } from '../test/harness/options.ts'
import { type Bench, spread } from './compare.ts'
import { hostile } from './hostile.ts'
import { slowestInputs } from './inputs.ts'
import { writeTargets } from './load.ts'
import { seed } from './seed.ts'
import { start } from './servers.ts'
import { counts } from './works.ts'

/** One number with its unit, and its upper bound. */
export interface Figure {
  name: string
  title: string
  value: number
  unit: string
  least: number
  hope?: number
}

export const FIGURES: Record<string, (bench: Bench) => Promise<Figure[]>> = {
  latency: oneConnection,
  badge: readyBadge,
  cold: coldBadges,
  memory: memoryAndDisk,
  start: startAndLists,
  inputs: slowestParser,
  hostile,
}

async function oneConnection({ folder, generator, seconds }: Bench): Promise<Figure[]> {
  const file = join(folder, 'latency')
  const server = await start('../bin/tallymark', { DATABASE_FILE_PATH: `${file}.db` })
  const load = { connections: 1, seconds, targets: writeTargets(file, counts(1000)) }
  await generator.run(server.origin, load)
  const { p50 } = await generator.run(server.origin, load)
  await server.stop()
  return [{ name: 'p50', title: 'one connection, p50', value: p50, unit: 'ms', least: 0.3 }]
}

/** With its length in bytes, as an answer needs it: V8 joins the parts of the text only then. */
async function readyBadge(): Promise<Figure[]> {
  const badges = createBadges({ label: 'hits', color: '#4c1' })
  const draw = (times: number) => {
    const began = performance.now()
    for (let number = 0; number < times; number++) {
      const { appearance } = badges.read({})
      const numbers = { numbers: [10_000 + number], captions: [''], sparkline: null }
      Buffer.byteLength(badges.draw(appearance, numbers, 'example.com'))
    }
    return ((performance.now() - began) * 1000) / times
  }
  draw(20_000)
  const { median } = spread(Array.from({ length: 9 }, () => draw(80_000)))
  return [{ name: 'badge', title: 'a ready badge', value: median, unit: 'us', least: 1 }]
}

/** Random sets of options, each drawn three times, each time by a new service: other programs on the machine disturb a single try. */
async function coldBadges(): Promise<Figure[]> {
  const asked = [...fc.sample(validOptions, 7000), ...fc.sample(anyOptions, 3000)]
  const fastest = new Array<number>(asked.length).fill(Number.POSITIVE_INFINITY)
  for (let round = 0; round < 3; round++) {
    const badges = createBadges({ label: 'hits', color: '#4c1' })
    loadIcons()
    for (const [at, query] of asked.entries()) {
      const began = performance.now()
      const { appearance, problem } = badges.read(query)
      const { show, trend } = appearance.options
      const numbers = show?.map((_, index) => 1234 * (index + 1)) ?? [1_234_567]
      const sparkline = trend && createSparkline(trend, [...Array(30).keys()])
      if (problem) badges.refusal(`bad ${problem.option}`, appearance)
      else badges.draw(appearance, { numbers, captions: numbers.map(() => 'today'), sparkline }, '')
      fastest[at] = Math.min(fastest[at] as number, performance.now() - began)
    }
  }
  const { most } = spread(fastest)
  const title = 'slowest of 10,000 random badges, drawn for the first time'
  return [{ name: 'cold', title, value: most, unit: 'ms', least: 5 }]
}

/** The slowest parser; `npm run bench:inputs` shows all of them. */
async function slowestParser(): Promise<Figure[]> {
  const [slowest] = await slowestInputs()
  const title = `slowest parser, 16 kB of its worst input (${slowest?.parser}: ${slowest?.input})`
  return [
    { name: 'inputs', title, value: slowest?.took.median ?? Number.NaN, unit: 'ms', least: 1 },
  ]
}

async function memoryAndDisk({ folder, generator, print }: Bench): Promise<Figure[]> {
  const file = join(folder, 'memory')
  const server = await start('../bin/tallymark', { DATABASE_FILE_PATH: `${file}.db` })
  const load = { connections: 64, seconds: 10, targets: writeTargets(file, counts(100_000)) }
  let answers = 0
  while (answers < 1_000_000) {
    answers += (await generator.run(server.origin, load)).answers
    print(`  ${answers} hits, ${(server.memory() / 1e6).toFixed(0)} MB`)
  }
  const memory = server.memory() / 1e6
  await server.stop('SIGTERM')
  const size = statSync(`${file}.db`).size / 100_000
  return [
    {
      name: 'memory',
      title: 'memory, 100,000 pages and a million hits',
      value: memory,
      unit: 'MB',
      least: 150,
    },
    {
      name: 'size',
      title: 'database file, live tokens and all, a page',
      value: size,
      unit: 'bytes',
      least: 250,
      hope: 160,
    },
  ]
}

async function startAndLists({ folder }: Bench): Promise<Figure[]> {
  const file = join(folder, 'start.db')
  await seed(file, 1_000_000)
  const size = statSync(file).size / 1_000_000
  const environment = { DATABASE_FILE_PATH: file }
  const starts: number[] = []
  for (let times = 0; times < 5; times++) {
    const server = await start('../bin/tallymark', environment)
    starts.push(server.startMs)
    await server.stop('SIGTERM')
  }
  const server = await start('../bin/tallymark', environment)
  // The lists are first read at the start, in the background.
  await (await fetch(`${server.origin}/top.json`)).text()
  const lists: number[] = []
  for (let times = 0; times < 500; times++) {
    const began = performance.now()
    await (await fetch(`${server.origin}/top.json`)).text()
    // The first requests warm both processes up.
    if (times >= 200) lists.push(performance.now() - began)
  }
  await server.stop()
  return [
    {
      name: 'start',
      title: 'start with 1,000,000 pages',
      value: spread(starts).median,
      unit: 'ms',
      least: 1000,
    },
    {
      name: 'seeded',
      title: 'database file with 1,000,000 pages, a page',
      value: size,
      unit: 'bytes',
      least: 250,
      hope: 160,
    },
    {
      name: 'toplists',
      title: 'home page lists, slowest of 300',
      value: spread(lists).most,
      unit: 'ms',
      least: 5,
    },
  ]
}
