import { existsSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type Config, ConfigError, readConfig } from '../config.ts'
import { checkColor, checkLabel, createBadges } from './badge/badge.ts'
import { readOwnFaces } from './badge/faces/own.ts'
import { parseTemplate } from './badge/template.ts'
import { readCommand } from './commands/help.ts'
import { CommandFailure, UsageError } from './commands/usage.ts'
import { createCounter } from './counter.ts'
import { databaseName } from './database/name.ts'
import { storeOptions } from './database/options.ts'
import { keepHouse, sweepAll } from './housekeeping.ts'
import { buildApp } from './http/app.ts'
import { pageMatcher } from './page.ts'
import { checkTimeZone } from './period.ts'
import { Recognition, recognitionOptions } from './recognition.ts'
import type { Store } from './store.ts'
import { secretMaker } from './token.ts'

/** How long answers that are on their way may take, once the service is told to stop. */
const STOP_MS = 3000

/** Why the server did not start, for the person who started it. */
class StartError extends Error {}

const print = (line: string) => process.stdout.write(`${line}\n`)
const warn = (line: string) => process.stderr.write(`${line}\n`)
const output = { print, warn }

/** Serves until a signal ends it: then answers what it has taken on, writes it, and closes. */
async function serve(config: Config): Promise<void> {
  const isNew = config.DATABASE_URL === undefined && !existsSync(config.DATABASE_FILE_PATH)
  // Asked for first: as process 1 of a container, a signal that nobody waits for is lost.
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve())
  })
  const opened = await Promise.race([open(config), told.then(() => null)])
  // It may be another service's turn to bring the database up to date, which can take long.
  if (opened === null) process.exit()
  const store: Store = opened
  const windowMs = config.WINDOW_SECONDS * 1000
  await store.capWindows(Date.now() + windowMs)
  if (windowMs === 0) await sweepAll(store, windowMs, Date.now())
  const recognition = new Recognition(recognitionOptions(config))
  const app = await build(config, store, recognition)
  const stopHousekeeping = keepHouse(store, {
    windowMs,
    keepHoursDays: config.KEEP_HOURS_DAYS,
    keepHistoryDays: config.KEEP_HISTORY_DAYS,
    recognition,
    now: Date.now,
    onError: (error, what) => app.log.error({ err: error }, what),
  })

  async function close(): Promise<void> {
    stopHousekeeping()
    // A request that was begun and never finished would hold the end up for good.
    const patience = setTimeout(() => app.server.closeAllConnections(), STOP_MS)
    await app.close()
    clearTimeout(patience)
    // Another process may hold the database, or the disk be full, or the database be away: what was answered is there.
    await store.close().catch((error) => app.log.warn({ err: error }, 'closed without tidying up'))
  }

  try {
    await app.listen({ host: config.HOST, port: config.PORT })
  } catch (error) {
    await close()
    const { message } = error as Error
    throw new StartError(`Tallymark cannot listen: ${message}. HOST and PORT say where.`)
  }
  const at = address(config.HOST, app.server.address() as AddressInfo)
  if (isNew) {
    print(
      `The database ${nameOf(config)} is new and empty. DATABASE_FILE_PATH names another one, seen from the folder ` +
        'that the service is started in.',
    )
  }
  print(`Tallymark counts on ${at} into ${nameOf(config)}. Ctrl-C stops it.`)
  await told
  await close()
  // `localhost` may be two addresses, and a connection to the second is not among those closed above.
  process.exit()
}

async function open(config: Config): Promise<Store> {
  const { DATABASE_FILE_PATH: file, DATABASE_URL: url, DATABASE_READ_URL: readUrl } = config
  if (url !== undefined) {
    try {
      const { openPostgresStore } = await import('./database/postgres.ts')
      return await openPostgresStore(url, { ...storeOptions(config), readUrl })
    } catch (error) {
      const { message, code } = error as Error & { code?: string }
      throw new StartError(
        `Tallymark cannot open its database ${nameOf(config)}: ${message || code}. DATABASE_URL says where it is; ` +
          'its user must be able to make tables there.',
      )
    }
  }
  try {
    const { openSqliteStore } = await import('./database/sqlite.ts')
    return await openSqliteStore(file, storeOptions(config))
  } catch (error) {
    const { explainFailure } = await import('./database/sqlite/condition.ts')
    const reason = explainFailure(error, resolve(file))
    if (reason === null) throw error
    throw new StartError(`Tallymark cannot open its database ${nameOf(config)}: ${reason}.`)
  }
}

const nameOf = ({ DATABASE_URL, DATABASE_FILE_PATH }: Config) =>
  databaseName(DATABASE_URL, DATABASE_FILE_PATH)

function build(config: Config, store: Store, recognition: Recognition): Promise<FastifyInstance> {
  const counter = createCounter(store, {
    windowSeconds: config.WINDOW_SECONDS,
    newSecret: secretMaker(config.TOKEN_LENGTH),
    recognition,
  })
  const badges = createBadges({
    label: config.BADGE_LABEL,
    color: config.BADGE_COLOR,
    ...(config.FACES_DIR && { faces: readOwnFaces(config.FACES_DIR) }),
    ...(config.BADGE_TEMPLATE_FILE && {
      template: readFileSync(config.BADGE_TEMPLATE_FILE, 'utf8'),
    }),
  })
  return buildApp({ config, store, counter, badges, now: Date.now })
}

function address(host: string, { port }: AddressInfo): string {
  const name = /^(0\.0\.0\.0|::)$/.test(host) ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

async function main(words: string[]): Promise<void> {
  const asked = readCommand(words)
  if ('help' in asked) {
    output.print(asked.help)
    return
  }
  const { command, argv } = asked
  const config = readConfig({
    BADGE_LABEL: checkLabel,
    BADGE_COLOR: checkColor,
    TIME_ZONE: checkTimeZone,
    UNTRACKED_PAGES: (list) => pageMatcher(list),
    FACES_DIR: (folder) => folder && readOwnFaces(folder),
    BADGE_TEMPLATE_FILE: (file) => file && parseTemplate(readFileSync(file, 'utf8')),
  })
  const database = {
    databaseFile: config.DATABASE_FILE_PATH,
    databaseUrl: config.DATABASE_URL,
  }
  switch (command) {
    case 'serve':
      return serve(config)
    case 'import': {
      const { importCommand } = await import('./commands/import.ts')
      return importCommand(argv, { ...database, keepQuery: config.KEEP_QUERY }, Date.now(), output)
    }
    case 'prune': {
      const { pruneCommand } = await import('./commands/prune.ts')
      const store = storeOptions(config)
      const settings = { ...database, keepHistoryDays: config.KEEP_HISTORY_DAYS, store }
      return pruneCommand(argv, settings, Date.now(), print)
    }
    case 'migrate-to-postgres': {
      const { migrateCommand } = await import('./commands/migrate.ts')
      return migrateCommand(argv, database, Date.now(), output)
    }
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const known = [ConfigError, StartError, UsageError, CommandFailure].some(
    (kind) => error instanceof kind,
  )
  process.stderr.write(`${known ? (error as Error).message : (error as Error)?.stack}\n`)
  // Not process.exit: what is being written is written.
  process.exitCode = error instanceof UsageError ? 2 : 1
})
