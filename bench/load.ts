import { execFile, execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Load {
  connections: number
  seconds: number
  /** Pages asked for, chosen at random. */
  pages: number
}

export interface Measured {
  /** Answers a second. */
  rate: number
  /** Milliseconds. */
  p99: number
  /** Answers that were not 2xx, and requests without one. */
  failed: number
}

/** The load generator, in a process of its own: wrk where it is installed, else autocannon from npm. */
export function chooseGenerator(folder: string) {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'ignore' })
  } catch (error) {
    // `wrk --version` ends with 1; only its absence matters.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { name: 'autocannon', run: autocannon }
  }
  const script = join(folder, 'pages.lua')
  writeFileSync(script, LUA)
  return { name: 'wrk', run: (origin: string, load: Load) => wrk(script, origin, load) }
}

const LUA = `
local pages = tonumber(os.getenv("BENCH_PAGES"))
function init() math.randomseed(os.time()) end
function request()
  return wrk.format("GET", "/count/tag.svg?url=https%3A%2F%2Fsite" .. math.random(pages) .. ".example%2Fpost")
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %f %f %d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(99) / 1000, errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
`

async function wrk(script: string, origin: string, load: Load): Promise<Measured> {
  const { stdout } = await promisify(execFile)(
    'wrk',
    ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--latency', '-s', script, origin],
    { env: { ...process.env, BENCH_PAGES: String(load.pages) } },
  )
  const [, rate, p99, failed] = /RESULT (\S+) (\S+) (\d+)/.exec(stdout) ?? []
  return { rate: Number(rate), p99: Number(p99), failed: Number(failed) }
}

async function autocannon(origin: string, load: Load): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'autocannon.ts'),
    origin,
    JSON.stringify(load),
  ])
  return JSON.parse(stdout)
}
