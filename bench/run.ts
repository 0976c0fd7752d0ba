// `npm run bench`: what a counted, durable, drawn answer costs, as a ratio to answering at all. See README.md.
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compare } from './compare.ts'
import { chooseGenerator } from './load.ts'
import { WORKS } from './works.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string', default: WORKS.map(({ name }) => name).join(',') },
    json: { type: 'string' },
    main: { type: 'string' },
  },
})
const names = values.only.split(',')
const folder = mkdtempSync(join(tmpdir(), 'tallymark-bench-'))
const print = (line: string) => process.stdout.write(`${line}\n`)
try {
  const bench = {
    folder,
    generator: chooseGenerator(folder),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    print,
  }
  print(`${bench.generator.name}, Node ${process.version}, ${availableParallelism()} cores`)
  for (const work of WORKS.filter(({ name }) => names.includes(name))) await compare(work, bench)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
