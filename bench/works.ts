import { queryOf, SHELVES } from '../src/badge/examples.ts'
import { cookieName } from '../src/token.ts'
import type { Target } from './load.ts'
import { hotPage, page, pageOfHost } from './seed.ts'

/** A load that is sent to two servers in turn, to compare their speed. */
export interface Work {
  name: string
  title: string
  /** The target for the ratio, and the ratio that is hoped for. */
  least: number
  hope: number
  connections: number
  /** The requests; `cookies` are those that a first visit to each page got. */
  targets(cookies: ReadonlyMap<string, string>): Target[]
  /** Whether each page was visited once before, by the same browser. */
  returning?: boolean
  /** How long the measured server warms up; 2 seconds by default. */
  warmSeconds?: number
  /** Pages in the database beforehand. */
  seeded?: number
  /** Pages in the other server's database; without it, the other server is the constant one. */
  against?: number
  /** Rules that operators of the measured server have made. */
  rules?: number
  /** The requests to the other server, if they differ. */
  againstTargets?(): Target[]
  /** By how much a sync of the disk is slowed, in ms. */
  syncMs?: number
  /** The number of servers that share a PostgreSQL database, each with its part of the connections. Without it: one on SQLite. */
  postgres?: number
  /** Settings of the server. */
  environment?: NodeJS.ProcessEnv
  /** A path that is requested every 100 ms while the second server is measured. */
  beside?: string
  /** Whether lists, numbers and series are read 20 times a second while the second server is measured, see reads.ts. */
  reads?: boolean
  /** Whether the pages in the databases belong to 50,000 hosts and have a history. */
  ofHosts?: boolean
  /** How long a round lasts at least, in seconds. */
  seconds?: number
  /** Streams of live visits that are open while the second server is measured, and how many of them read little. */
  streams?: { path: string; open: number; slow: number }
}

const range = (many: number) => Array.from({ length: many }, (_, index) => index)
/** Requests that count so many pages. */
export const counts = (many: number, path = '/count/tag.svg') =>
  range(many).map((number) => ({
    path: `${path}?url=${encodeURIComponent(`https://${page(number)}`)}`,
  }))
const hot = () =>
  range(1000).map((number) => ({
    path: `/count/tag.svg?url=${encodeURIComponent(`https://${hotPage(number)}`)}`,
  }))

const ofHosts = () =>
  range(1000).map((number) => ({
    path: `/count/tag.svg?url=${encodeURIComponent(`https://${pageOfHost(number * 997)}`)}`,
  }))

/** The same, with the options of all badges of the gallery. */
const dressed = () => {
  const appearances = SHELVES.filter(({ cards }) => !cards)
    .flatMap(({ samples }) => samples)
    .filter(({ options }) => !('show' in options || 'trend' in options))
    .map(queryOf)
  return withOptions((number) => appearances[number % appearances.length] as string)
}
const withOptions = (options: (number: number) => string) =>
  counts(1000).map(({ path }, number) => ({ path: `${path}&${options(number)}` }))

/* biome-ignore format: one work a line reads as the table that it is */
export const WORKS: readonly Work[] = [
  { name: 'pages', title: '/count, 1,000 pages', least: 0.6, hope: 0.75, connections: 64, targets: () => counts(1000) },
  { name: 'hot', title: '/count, one hot page', least: 0.6, hope: 0.75, connections: 64, targets: () => counts(1) },
  { name: 'many', title: '/count, 100,000 pages', least: 0.55, hope: 0.7, connections: 64, targets: () => counts(100_000), seeded: 100_000, warmSeconds: 15 },
  { name: 'read', title: '/nocount, 1,000 pages', least: 0.75, hope: 0.9, connections: 64, targets: () => counts(1000, '/nocount/tag.svg'), seeded: 1000 },
  { name: 'repeat', title: '/count, repeat visitors', least: 0.65, hope: 0.8, connections: 64, targets: withCookies, returning: true },
  { name: 'windows', title: '/count, windows that end after 2 s', least: 0.6, hope: 0.75, connections: 64, targets: () => counts(1000), environment: { WINDOW_SECONDS: '2' }, warmSeconds: 5 },
  { name: 'slow', title: '/count, sync takes 3 ms, 256 connections', least: 0.3, hope: 0.4, connections: 256, targets: () => counts(1000), syncMs: 3 },
  { name: 'postgres', title: 'PostgreSQL: /count, 1,000 pages', least: 0.5, hope: 0.6, connections: 64, targets: () => counts(1000), postgres: 1 },
  { name: 'postgres-two', title: 'PostgreSQL, two services: 1,000 pages', least: 0.5, hope: 0.6, connections: 64, targets: () => counts(1000), postgres: 2 },
  { name: 'postgres-hot', title: 'PostgreSQL: one hot page', least: 0.55, hope: 0.6, connections: 64, targets: () => counts(1), postgres: 1 },
  { name: 'postgres-hot-two', title: 'PostgreSQL, two services: one hot page', least: 0.55, hope: 0.6, connections: 64, targets: () => counts(1), postgres: 2 },
  { name: 'postgres-many', title: 'PostgreSQL: /count, 100,000 pages', least: 0.5, hope: 0.6, connections: 64, targets: () => counts(100_000), postgres: 1, seeded: 100_000, warmSeconds: 15 },
  { name: 'options', title: 'badges with every option against plain ones', least: 0.95, hope: 1, connections: 64, targets: dressed, against: 0, againstTargets: () => counts(1000) },
  { name: 'trend', title: 'badges with a line of 30 days against plain ones', least: 0.95, hope: 1, connections: 64, targets: () => withOptions(() => 'trend=30d'), against: 0, againstTargets: () => counts(1000) },
  { name: 'show', title: 'badges with today and total against plain ones', least: 0.95, hope: 1, connections: 64, targets: () => withOptions(() => 'show=today-total'), against: 0, againstTargets: () => counts(1000) },
  { name: 'rules', title: 'administration and 10,000 rules against none', least: 0.97, hope: 1, connections: 64, targets: () => counts(1000), against: 0, rules: 10_000, environment: { ADMIN: 'true' } },
  { name: 'rules-many', title: 'the same, 100,000 pages', least: 0.97, hope: 1, connections: 64, targets: () => counts(100_000), seeded: 100_000, against: 100_000, warmSeconds: 15, rules: 10_000, environment: { ADMIN: 'true' } },
  { name: 'growth', title: '5,000,000 pages against 10,000', least: 0.9, hope: 1, connections: 64, targets: hot, seeded: 5_000_000, against: 10_000 },
  { name: 'lists', title: 'home lists polled, 1,000,000 pages', least: 0.9, hope: 1, connections: 64, targets: hot, seeded: 1_000_000, against: 1_000_000, beside: '/top.json' },
  { name: 'api', title: '1,000,000 pages read 20 times a second, against none', least: 0.95, hope: 1, connections: 64, targets: ofHosts, seeded: 1_000_000, against: 1_000_000, ofHosts: true, reads: true, seconds: 20 },
  { name: 'live', title: '1,000 live streams, 100 of them slow, against none', least: 0.95, hope: 1, connections: 64, targets: () => counts(1000), against: 0, streams: { path: '/live', open: 1000, slow: 100 } },
  { name: 'live-idle', title: '1,000 live streams of another page against none', least: 0.97, hope: 1, connections: 64, targets: () => counts(1000), against: 0, streams: { path: '/live?url=idle.example', open: 1000, slow: 0 } },
]

function withCookies(cookies: ReadonlyMap<string, string>): Target[] {
  return counts(1000).map(({ path }, number) => {
    const name = cookieName(page(number))
    return { path, cookie: `theme=dark; ${name}=${cookies.get(name)}` }
  })
}
