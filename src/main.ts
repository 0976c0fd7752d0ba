import { existsSync, readFileSync } from 'node:fs'
import { type Config, ConfigError, readConfig } from '../config.ts'
import { checkColor, checkLabel } from './badge/badge.ts'
import { readOwnFaces } from './badge/faces/own.ts'
import { parseTemplate } from './badge/template.ts'
import { readCommand } from './commands/help.ts'
import { CommandFailure, UsageError } from './commands/usage.ts'
import { databaseName } from './database/name.ts'
import { storeOptions } from './database/options.ts'
import { pageMatcher } from './page.ts'
import { checkTimeZone } from './period.ts'
import { StartError, startService } from './service.ts'

const print = (line: string) => process.stdout.write(`${line}\n`)
const warn = (line: string) => process.stderr.write(`${line}\n`)
const output = { print, warn }

/** Serves until a signal ends it. */
async function serve(config: Config): Promise<void> {
  const isNew = config.DATABASE_URL === undefined && !existsSync(config.DATABASE_FILE_PATH)
  // Asked for first: as process 1 of a container, a signal that nobody waits for is lost.
  const stop = new Promise<null>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(signal, () => resolve(null))
  })
  const started = await Promise.race([startService(config, Date.now), stop])
  // It may be another service's turn to bring the database up to date, which can take long.
  if (started === null) process.exit()
  const { app, address, close } = started
  const database = databaseName(config.DATABASE_URL, config.DATABASE_FILE_PATH)
  if (isNew) {
    print(
      `The database ${database} is new and empty. DATABASE_FILE_PATH names another one, seen from the folder ` +
        'that the service is started in.',
    )
  }
  print(`Tallymark counts on ${address} into ${database}. Ctrl-C stops it.`)
  await stop
  // Another process may hold the database, or the disk be full, or the database be away: what was answered is there.
  await close().catch((error) => app.log.warn({ err: error }, 'closed without tidying up'))
  // `localhost` may be two addresses, and a connection to the second is not among those that were closed.
  process.exit()
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
