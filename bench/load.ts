import { execFile, execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** One request that the load may make. */
export interface Target {
  path: string
  cookie?: string
}

/** The sender that a request names. */
export const AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

export interface Load {
  connections: number
  seconds: number
  /** A file of targets from `writeTargets`; each request picks one at random. */
  targets: string
}

export interface Measured {
  /** Answers a second. */
  rate: number
  /** Milliseconds. */
  p50: number
  p99: number
  /** Answers in all. */
  answers: number
  /** Answers that were not 2xx, and requests without one. */
  failed: number
}

export interface Generator {
  name: string
  run(origin: string, load: Load): Promise<Measured>
}

/** One target a line, path and cookie with a tab between. */
export function writeTargets(file: string, targets: readonly Target[]): string {
  writeFileSync(file, targets.map(({ path, cookie }) => `${path}\t${cookie ?? ''}\n`).join(''))
  return file
}

export function readTargets(text: string): Target[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [path = '', cookie = ''] = line.split('\t')
      return cookie === '' ? { path } : { path, cookie }
    })
}

/** The load generator, in a process of its own: wrk where it is installed, else autocannon from npm. */
export function chooseGenerator(folder: string): Generator {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'ignore' })
  } catch (error) {
    // `wrk --version` exits with 1, so only its absence is an error.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { name: 'autocannon', run: autocannon }
  }
  const script = join(folder, 'load.lua')
  writeFileSync(script, LUA)
  return { name: 'wrk', run: (origin, load) => wrk(script, origin, load) }
}

// Requests are made before the clock starts: the load shares two cores with what it measures.
const LUA = `
local requests, many = {}, 0
function init()
  math.randomseed(os.time())
  wrk.headers["User-Agent"] = os.getenv("BENCH_AGENT")
  for line in io.lines(os.getenv("BENCH_TARGETS")) do
    local path, cookie = line:match("^(.-)\\t(.*)$")
    many = many + 1
    requests[many] = wrk.format("GET", path, cookie ~= "" and
      { Host = wrk.headers.Host, ["User-Agent"] = os.getenv("BENCH_AGENT"), Cookie = cookie } or nil)
  end
end
function request() return requests[math.random(many)] end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %f %f %f %d %d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.requests,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
`

async function wrk(script: string, origin: string, load: Load): Promise<Measured> {
  const { stdout } = await promisify(execFile)(
    'wrk',
    ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--latency', '-s', script, origin],
    { env: { ...process.env, BENCH_TARGETS: load.targets, BENCH_AGENT: AGENT } },
  )
  const numbers = /RESULT (.*)/.exec(stdout)?.[1]?.split(' ').map(Number)
  if (numbers?.length !== 5) throw new Error(`wrk said: ${stdout}`)
  const [rate, p50, p99, answers, failed] = numbers as [number, number, number, number, number]
  return { rate, p50, p99, answers, failed }
}

async function autocannon(origin: string, load: Load): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'autocannon.ts'),
    origin,
    JSON.stringify(load),
  ])
  return JSON.parse(stdout)
}
