import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ATTACKS, type Attack } from './attacks.ts'
import type { Bench } from './compare.ts'
import type { Figure } from './figures.ts'
import { entryOf, start } from './servers.ts'

const ATTACK_MS = 10_000
const PROBE_MS = 25
/** A probe that takes longer counts as unanswered. */
const GIVE_UP_MS = 5000
const HERE = join(import.meta.dirname, '..')

interface Suffered {
  /** Milliseconds of the probes that were answered. */
  p50: number
  p99: number
  most: number
  probes: number
  unanswered: number
  /** The most memory that the process held, in bytes. */
  memory: number
}

/** What other clients notice of each attack, and how much memory it takes. */
export async function hostile(bench: Bench): Promise<Figure[]> {
  const versions = bench.before === undefined ? [HERE] : [bench.before, HERE]
  bench.print('\n| attack | version | p50, ms | p99 | most | unanswered | memory, MB |')
  bench.print('|---|---|---|---|---|---|---|')
  const here: Suffered[] = []
  for (const attack of ATTACKS) {
    for (const version of versions) {
      const suffered = await suffer(attack, version, bench.folder)
      bench.print(row(attack, version === HERE ? 'this' : 'before', suffered))
      if (version === HERE) here.push(suffered)
    }
  }
  const worst = (of: (suffered: Suffered) => number) => Math.max(...here.map(of))
  const [unit, least] = ['ms', 250]
  return [
    {
      name: 'hostile',
      title: 'p99 of the worst attack',
      value: worst(({ p99 }) => p99),
      unit,
      least,
    },
    {
      name: 'hostile-memory',
      title: 'memory under the worst attack',
      value: worst(({ memory }) => memory) / 1e6,
      unit: 'MB',
      least: 400,
    },
    {
      name: 'unanswered',
      title: 'probes without an answer in all attacks',
      value: here.reduce((sum, { unanswered }) => sum + unanswered, 0),
      unit: 'probes',
      least: 0,
    },
  ]
}

function row({ title, clients }: Attack, version: string, suffered: Suffered): string {
  const { p50, p99, most, probes, unanswered, memory } = suffered
  const name = clients > 0 ? `${clients.toLocaleString('en')} clients: ${title}` : title
  const times = [p50, p99, most].map((ms) => (Number.isNaN(ms) ? 'none' : ms.toFixed(1)))
  return `| ${name} | ${version} | ${times.join(' | ')} | ${unanswered} of ${probes} | ${(memory / 1e6).toFixed(0)} |`
}

async function suffer({ name }: Attack, version: string, folder: string): Promise<Suffered> {
  const file = join(folder, `hostile-${name}-${version === HERE ? 'b' : 'a'}.db`)
  const server = await start(entryOf(resolve(version)), { DATABASE_FILE_PATH: file })
  const { port } = new URL(server.origin)
  // Both have answered once: a service's first answer takes longer.
  for (let times = 0; times < 50; times++) await probe(server.origin)
  const attacker = spawn(process.execPath, [join(import.meta.dirname, 'attacks.ts'), name, port], {
    stdio: 'inherit',
  })
  const gone = once(attacker, 'exit')
  const probes: Promise<number | null>[] = []
  let memory = 0
  const end = performance.now() + ATTACK_MS
  for (let next = performance.now(); next < end; next += PROBE_MS) {
    await sleep(Math.max(0, next - performance.now()))
    probes.push(probe(server.origin))
    try {
      memory = Math.max(memory, server.memory())
    } catch {
      // The service has ended; the probes show it.
    }
  }
  const replies = await Promise.all(probes)
  attacker.kill('SIGKILL')
  await gone
  await server.stop()
  const times = replies.filter((ms) => ms !== null).sort((a, b) => a - b)
  const at = (part: number) => times[Math.floor(times.length * part)] ?? Number.NaN
  return {
    p50: at(0.5),
    p99: at(0.99),
    most: times.at(-1) ?? Number.NaN,
    probes: replies.length,
    unanswered: replies.length - times.length,
    memory,
  }
}

/** Sends a request over its own connection. @returns ms until the answer; null without one */
function probe(origin: string): Promise<number | null> {
  const began = performance.now()
  return new Promise((resolve) => {
    const options = { agent: false, signal: AbortSignal.timeout(GIVE_UP_MS) }
    const request = get(`${origin}/nocount?url=probe.example`, options, (response) => {
      response.resume()
      response.once('error', () => resolve(null))
      response.once('end', () =>
        resolve(response.statusCode === 200 ? performance.now() - began : null),
      )
    })
    request.once('error', () => resolve(null))
  })
}
