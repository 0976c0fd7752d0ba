// `npm run bench`: what a counted, durable, drawn answer costs, as a ratio to answering at all. See README.md.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chooseGenerator, type Load } from './load.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '64' },
    pages: { type: 'string', default: '1000' },
  },
})
const rounds = Number(values.rounds)
const load: Load = {
  connections: Number(values.connections),
  seconds: Number(values.seconds),
  pages: Number(values.pages),
}

const folder = mkdtempSync(join(tmpdir(), 'tallymark-bench-'))
const running: ChildProcess[] = []

/** Starts a server in a process of its own, and waits for the address that it prints. */
async function start(file: string): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], {
    env: {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_FILE_PATH: join(folder, 'bench.db'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.push(child)
  const [printed] = await once(child.stdout, 'data')
  return /http:\/\/[^\s]+/.exec(String(printed))?.[0] ?? ''
}

const median = (numbers: number[]) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

try {
  const generator = chooseGenerator(folder)
  const constant = await start('constant.ts')
  const tallymark = await start('../src/main.ts')
  process.stdout.write(
    `/count/tag.svg, ${load.pages} pages, ${load.connections} connections, ${rounds} rounds of ${load.seconds} s; ` +
      `${generator.name}, Node ${process.version}, ${availableParallelism()} cores\n` +
      'round  constant/s  tallymark/s  ratio  p99 constant  p99 tallymark\n',
  )
  const warm = { ...load, seconds: 2 }
  await generator.run(constant, warm)
  await generator.run(tallymark, warm)
  const ratios: number[] = []
  const delays: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const a = await generator.run(constant, load)
    const b = await generator.run(tallymark, load)
    if (a.failed + b.failed > 0) throw new Error(`${a.failed} + ${b.failed} requests failed`)
    ratios.push(b.rate / a.rate)
    delays.push(b.p99)
    process.stdout.write(
      `${String(round).padStart(5)}  ${a.rate.toFixed(0).padStart(10)}  ${b.rate.toFixed(0).padStart(11)}` +
        `  ${(b.rate / a.rate).toFixed(3)}  ${a.p99.toFixed(2).padStart(9)} ms  ${b.p99.toFixed(2).padStart(10)} ms\n`,
    )
  }
  process.stdout.write(
    `median ratio ${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(3)} to ` +
      `${Math.max(...ratios).toFixed(3)}), median p99 ${median(delays).toFixed(2)} ms\n`,
  )
} finally {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
