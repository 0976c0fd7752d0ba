import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Scope } from '../test/harness/app.ts'
import { makeDatabase } from '../test/harness/postgres.ts'
import { type Generator, type Load, type Measured, type Target, writeTargets } from './load.ts'
import { databaseServer, seedDatabase, sum, together } from './postgres.ts'
import { readOnce, readSteadily, type Times, tableOf } from './reads.ts'
import { seedRules } from './seed.ts'
import { entryOf, type Server, start } from './servers.ts'
import type { Work } from './works.ts'

const HERE = join(import.meta.dirname, '..')

export interface Bench {
  folder: string
  generator: Generator
  rounds: number
  seconds: number
  /** A folder with another version of this project, to compare with instead of the constant server. */
  before: string | undefined
  print(line: string): void
}

export interface Round {
  /** Of the server to compare with, then of the measured one. */
  rates: [number, number]
  p50: [number, number]
  p99: [number, number]
  /** Processor time of the server for an answer, in us. */
  processor: [number, number]
}

export interface Compared {
  rounds: Round[]
  ratio: Spread
  /** Medians in ms, of the server to compare with and of the measured one. */
  p99: [number, number]
  /** Bytes written to the disk for each answer of the measured server. */
  writtenPerAnswer: number
}

export interface Spread {
  median: number
  least: number
  most: number
}

export function spread(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b)
  const at = (place: number) => sorted[Math.floor(place)] ?? Number.NaN
  return { median: at(sorted.length / 2), least: at(0), most: at(sorted.length - 1) }
}

/** Sends two servers the same requests in turn, A B A B, and compares their speed pair by pair. */
export async function compare(work: Work, bench: Bench): Promise<Compared> {
  const ends: (() => unknown)[] = []
  try {
    return await comparison(work, bench, { after: (end) => void ends.unshift(end) })
  } finally {
    for (const end of ends) await end()
  }
}

async function comparison(work: Work, bench: Bench, scope: Scope): Promise<Compared> {
  const { folder, print } = bench
  const file = (name: string) => join(folder, `${work.name}-${name}`)
  const database = work.postgres === undefined ? null : await databaseServer(scope)
  const tallymark = async (pages: number, name: string, version = HERE): Promise<Server> => {
    if (database !== null) {
      const main = entryOf(version)
      const url = await makeDatabase(scope, database.origin)
      if (pages > 0) await seedDatabase(url, pages)
      const environment = { DATABASE_URL: url, ...work.environment }
      const servers: Server[] = []
      for (let number = 0; number < (work.postgres ?? 1); number++) {
        servers.push(await start(main, environment))
      }
      return together(servers, database)
    }
    // Each version fills its own database: it may not know the tables of another.
    const { seed, seedHosts } = await import(join(version, 'bench/seed.ts'))
    if (pages > 0) await (work.ofHosts ? seedHosts : seed)(file(`${name}.db`), pages)
    const environment = { DATABASE_FILE_PATH: file(`${name}.db`), ...work.environment }
    const main = entryOf(version)
    return work.syncMs === undefined
      ? start(main, environment)
      : // Its own preload, since that changes the driver in its own node_modules.
        start(
          main,
          { ...environment, SLOW_SYNC_MS: String(work.syncMs) },
          join(version, 'bench/slow-disk.ts'),
        )
  }
  const seeded = work.seeded ?? 0
  const yardstick = () => {
    if (bench.before !== undefined) return tallymark(work.against ?? seeded, 'a', bench.before)
    return work.against === undefined ? start('constant.ts') : tallymark(work.against, 'a')
  }
  const a = await yardstick()
  scope.after(a.stop)
  if (work.rules !== undefined) await seedRules(file('b.db'), work.rules)
  const b = await tallymark(seeded, 'b')
  scope.after(b.stop)
  const targetsOf = async (server: Server) =>
    work.targets(
      work.returning ? await visitAll(server.origin, work.targets(new Map())) : new Map(),
    )
  const load: Load = {
    connections: work.connections,
    seconds: Math.max(bench.seconds, work.seconds ?? 0),
    targets: writeTargets(file('targets'), await targetsOf(b)),
  }
  // A server knows only the cookies that it has set itself.
  const isReturning = work.returning && bench.before !== undefined
  const others = work.againstTargets?.() ?? (isReturning ? await targetsOf(a) : null)
  const loadA = others ? { ...load, targets: writeTargets(file('others'), others) } : load
  print(
    `\n${work.title}; ${work.connections} connections, ${bench.rounds} rounds of ${load.seconds} s`,
  )
  print('round        A/s        B/s  ratio    p50 A    p50 B    p99 A    p99 B  us of A  us of B')
  await run(a, { ...loadA, seconds: 2 }, bench)
  await run(b, { ...load, seconds: work.warmSeconds ?? 2 }, bench)
  if (work.streams !== undefined) scope.after(await openStreams(b.origin, work.streams))
  const names = work.reads ? await readOnce(b.origin) : []
  const times: Times = new Map()
  const before = await b.written()
  let answers = 0
  const rounds: Round[] = []
  for (let number = 1; number <= bench.rounds; number++) {
    const first = await run(a, loadA, bench)
    const stop = work.beside === undefined ? null : poll(b.origin + work.beside)
    const stopReading = work.reads ? readSteadily(b.origin, names, times) : null
    const second = await run(b, load, bench)
    await stop?.()
    await stopReading?.()
    answers += second.answers
    const round: Round = {
      rates: [first.rate, second.rate],
      p50: [first.p50, second.p50],
      p99: [first.p99, second.p99],
      processor: [first.processor, second.processor],
    }
    rounds.push(round)
    print(line(number, round))
  }
  if (work.reads) print(tableOf(times))
  const ratio = spread(rounds.map(({ rates: [first, second] }) => second / first))
  const writtenPerAnswer = ((await b.written()) - before) / answers
  const processor = ([0, 1] as const).map((side) =>
    spread(rounds.map((round) => round.processor[side])).median.toFixed(1),
  )
  print(
    `processor time for an answer, of all threads of each server: ${processor.join(' and ')} us`,
  )
  print(
    `memory ${(b.memory() / 1e6).toFixed(0)} MB; median ${ratio.median.toFixed(3)} (${ratio.least.toFixed(3)} to ${ratio.most.toFixed(3)}); target ` +
      `${work.least}, hoped for ${work.hope}; ${writtenPerAnswer.toFixed(0)} bytes written an answer`,
  )
  const p99 = ([0, 1] as const).map((side) => spread(rounds.map((round) => round.p99[side])).median)
  return { rounds, ratio, p99: p99 as [number, number], writtenPerAnswer }
}

async function run(
  server: Server,
  load: Load,
  { generator }: Bench,
): Promise<Measured & { processor: number }> {
  const before = server.processor()
  const measured = await sum(
    (server.origins ?? [server.origin]).map((origin, _, all) =>
      generator.run(origin, { ...load, connections: load.connections / all.length }),
    ),
  )
  if (measured.failed > 0)
    throw new Error(`${measured.failed} of ${measured.answers} requests failed`)
  return { ...measured, processor: (1000 * (server.processor() - before)) / measured.answers }
}

function line(number: number, { rates, p50, p99, processor }: Round): string {
  return [
    String(number).padStart(5),
    ...rates.map((rate) => rate.toFixed(0).padStart(10)),
    (rates[1] / rates[0]).toFixed(3).padStart(6),
    ...[...p50, ...p99].map((ms) => ms.toFixed(2).padStart(8)),
    ...processor.map((us) => us.toFixed(1).padStart(8)),
  ].join(' ')
}

/** Visits each page once. Resolves with the cookies that were set, by name. */
async function visitAll(origin: string, targets: readonly Target[]): Promise<Map<string, string>> {
  const cookies = new Map<string, string>()
  for (const { path } of targets) {
    const answer = await fetch(origin + path)
    const [, name, value] = /^([^=]+)=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '') ?? []
    if (name !== undefined && value !== undefined) cookies.set(name, value)
  }
  return cookies
}

/** Requests an address every 100 ms until it is stopped. */
function poll(address: string): () => Promise<void> {
  let stopped = false
  const asking = (async () => {
    while (!stopped) {
      await (await fetch(address)).text()
      await sleep(100)
    }
  })()
  return () => {
    stopped = true
    return asking
  }
}

/** Opens live streams. @returns a function that closes them */
async function openStreams(
  origin: string,
  { path, open, slow }: NonNullable<Work['streams']>,
): Promise<() => void> {
  const argv = [join(import.meta.dirname, 'streams.ts'), origin, path, String(open), String(slow)]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error('the streams did not open')
    }),
  ])
  return () => void child.kill()
}
