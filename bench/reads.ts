import { setTimeout as sleep } from 'node:timers/promises'
import { spread } from './compare.ts'
import { hostOfPage, pageOfHost } from './seed.ts'

/** Requests a second, for all routes together. */
const A_SECOND = 20

const url = (number: number) => `url=${encodeURIComponent(`https://${pageOfHost(number)}`)}`
const site = (number: number) => `site=${hostOfPage(number)}`

/** What people and programs read, by name: addresses with another number each time. */
const READS: Readonly<Record<string, (number: number) => string>> = {
  'pages by hits': () => '/api/v1/pages',
  'pages by today': () => '/api/v1/pages?sort=today&limit=200',
  'pages by last visit': () => '/api/v1/pages?sort=recent',
  'pages, a common word': () => '/api/v1/pages?part=posts',
  'pages, a rare word': (number) => `/api/v1/pages?part=posts/${number}`,
  'pages, no match': () => '/api/v1/pages?sort=recent&part=nowhere-to-be-found',
  'pages of a host': (number) => `/api/v1/pages?host=${hostOfPage(number)}`,
  hosts: () => '/api/v1/hosts',
  'hosts, a word': (number) => `/api/v1/hosts?part=${number % 1000}.example`,
  'numbers of a page': (number) => `/api/v1/numbers?${url(number)}`,
  'numbers of a site': (number) => `/api/v1/numbers?${site(number)}`,
  'a series by day': (number) => `/api/v1/series?${url(number)}&unit=day`,
  'a series by hour': (number) => `/api/v1/series?${site(number)}&unit=hour`,
  outcomes: (number) => `/api/v1/outcomes?${url(number)}&period=30d`,
  'top lists': () => '/api/v1/top',
  active: () => '/api/v1/active',
  '/page': (number) => `/page?${url(number)}`,
  '/site': (number) => `/site?host=${hostOfPage(number)}`,
}

/** Times in ms by what was read. */
export type Times = Map<string, number[]>

/**
 * Reads everything once: the first lists take some seconds to be read.
 * @returns the names of what there is: other versions of the service may lack a route
 */
export async function readOnce(origin: string): Promise<string[]> {
  const names: string[] = []
  for (const [name, pathOf] of Object.entries(READS))
    if (await read(origin + pathOf(1), name)) names.push(name)
  return names
}

/** Reads 20 times a second, one thing after the other, until it is stopped. */
export function readSteadily(
  origin: string,
  names: readonly string[],
  times: Times,
): () => Promise<void> {
  let stopped = false
  const reads: Promise<void>[] = []
  const asking = (async () => {
    const begin = performance.now()
    for (let number = 0; !stopped; number++) {
      const name = names[number % names.length] as string
      const path = READS[name]?.(number * 7919)
      reads.push(timed(`${origin}${path}`, name, times))
      await sleep(Math.max(0, begin + ((number + 1) * 1000) / A_SECOND - performance.now()))
    }
    await Promise.all(reads)
  })()
  return () => {
    stopped = true
    return asking
  }
}

async function timed(address: string, name: string, times: Times): Promise<void> {
  const begin = performance.now()
  await read(address, name)
  times.set(name, [...(times.get(name) ?? []), performance.now() - begin])
}

/** @returns whether there is such a route */
async function read(address: string, name: string): Promise<boolean> {
  const answer = await fetch(address)
  const text = await answer.text()
  if (!answer.ok && answer.status !== 404)
    throw new Error(`${name}: ${answer.status} ${text.slice(0, 200)}`)
  return answer.ok
}

/** One line for everything that was read. */
export function tableOf(times: Times): string {
  const row = (name: string, all: readonly number[]) => {
    const { median, most } = spread(all)
    const p99 = [...all].sort((a, b) => a - b)[Math.ceil(all.length * 0.99) - 1] ?? Number.NaN
    const figures = [p99, median, most].map((ms) => ms.toFixed(1).padStart(8)).join('')
    return `${name.padEnd(22)}${String(all.length).padStart(6)}${figures}`
  }
  const everything = [...times.values()].flat()
  return [
    `${'read, ms'.padEnd(22)} times     p99  median    most`,
    ...[...times].map(([name, all]) => row(name, all)),
    row('all', everything),
  ].join('\n')
}
