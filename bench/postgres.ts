import { openPostgresStore } from '../src/database/postgres.ts'
import type { Scope } from '../test/harness/app.ts'
import { type Cluster, makeCluster, run } from '../test/harness/postgres.ts'
import type { Measured } from './load.ts'
import type { Server } from './servers.ts'

/** PostgreSQL's defaults, every commit on disk, but with room for some minutes of its log. */
export function databaseServer(scope: Scope): Promise<Cluster> {
  return makeCluster(scope, ['shared_buffers=256MB', 'max_wal_size=4GB'])
}

/** Several services, measured as one, with the database behind them. */
export function together(servers: Server[], { origin }: Cluster): Server {
  const add = (numbers: number[]) => numbers.reduce((left, right) => left + right, 0)
  const [first] = servers as [Server]
  return {
    ...first,
    origins: servers.map(({ origin }) => origin),
    memory: () => add(servers.map((server) => server.memory())),
    processor: () => add(servers.map((server) => server.processor())),
    async written() {
      const asked = "select pg_current_wal_lsn() - '0/0' as bytes"
      const [row] = await run<{ bytes: string }>(`${origin}/postgres`, asked)
      return Number(row?.bytes)
    },
    stop: async (signal) => {
      for (const server of servers) await server.stop(signal)
    },
  }
}

/** The results of several loads at once: rates add up, and the worst latency is taken. */
export async function sum(loads: Promise<Measured>[]): Promise<Measured> {
  const all = await Promise.all(loads)
  const add = (field: keyof Measured) => all.reduce((total, each) => total + each[field], 0)
  return {
    rate: add('rate'),
    p50: Math.max(...all.map(({ p50 }) => p50)),
    p99: Math.max(...all.map(({ p99 }) => p99)),
    answers: add('answers'),
    failed: add('failed'),
  }
}

/** Fills a new database with so many pages, under the names that the loads request; each has a hit. */
export async function seedDatabase(url: string, pages: number): Promise<void> {
  await (await openPostgresStore(url)).close()
  await run(
    url,
    `with named as (
      select format('site%s.example/posts/%s', number, number) as key from generate_series(0, ${pages - 1}) as number
    ), hashed as (
      select left(encode(sha256(convert_to(key, 'UTF8')), 'hex'), 32)::uuid as hash, key from named
    ), made as (
      insert into page (hash, key) select hash, key from hashed
    ), hosts as (
      insert into host (name, pages) select split_part(key, '/', 1), 1 from hashed
    )
    insert into tally (page, hits) select hash, 1 from hashed`,
  )
  await run(url, `insert into host (name, pages) values ('', ${pages})`)
  await run(url, 'vacuum analyze')
}
