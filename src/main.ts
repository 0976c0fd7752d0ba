import { statSync } from 'node:fs'
import { type Config, ConfigError, environmentNames, readConfig, settings } from '../config.ts'
import { readCommand } from './commands/help.ts'
import { checkNpmOptions } from './commands/npm-options.ts'
import { CommandFailure, UsageError } from './commands/usage.ts'
import { databaseName } from './database/name.ts'
import { storeOptions } from './database/options.ts'
import { misspeltSettings } from './misspelt.ts'
import { StartError } from './start-error.ts'

/** How long what was printed may take to be read at the end, in ms. */
const FLUSH_MS = 300

const print = (line: string) => process.stdout.write(`${line}\n`)
const warn = (line: string) => process.stderr.write(`${line}\n`)
const output = { print, warn }

/** Serves until a signal ends it, or it cannot go on. @returns the exit code */
async function serve(config: Config): Promise<number> {
  const isNew = config.DATABASE_URL === undefined && sizeOf(config.DATABASE_FILE_PATH) === 0
  // Waited for first: as process 1 of a container, a signal that nobody waits for is lost.
  const stop = new Promise<null>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(signal, () => resolve(null))
  })
  // Loaded here, so that the other commands need not wait for it, and after a signal is waited for.
  const starting = import('./service.ts').then(({ startService }) =>
    startService(config, Date.now, print),
  )
  const service = await Promise.race([starting, stop])
  // A start may wait long for its database. Nothing was answered yet, so nothing has to be closed.
  if (service === null) return 0
  const database = databaseName(config.DATABASE_URL, config.DATABASE_FILE_PATH)
  if (isNew) {
    print(
      `The database ${database} is new and empty. If you expected numbers in it, set DATABASE_FILE_PATH: a relative ` +
        'path begins in the folder where the service is started.',
    )
  }
  print(`Tallymark counts on ${service.address} into ${database}. Ctrl-C stops it.`)
  const reason = await Promise.race([stop, service.broken])
  if (reason !== null) warn(`Tallymark ends: ${reason}.`)
  try {
    await service.close()
  } catch (error) {
    const { cause = error } = error as { cause?: unknown }
    const { message, code } = cause as { message?: string; code?: unknown }
    const outcome = /^SQLITE_(CORRUPT|NOTADB)/.test(String(code))
      ? 'Its database is damaged, and visits that were answered may be lost: restore a backup.'
      : 'No visit that was answered is lost by that.'
    warn(`Tallymark has not closed in order: ${message}. ${outcome}`)
    return 1
  }
  return reason === null ? 0 : 1
}

/** The size of a file in bytes; 0 where there is none. */
const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** @returns the exit code */
async function main(words: string[]): Promise<number> {
  const asked = readCommand(words)
  checkNpmOptions(words, environmentNames())
  if ('help' in asked) {
    output.print(asked.help)
    return 0
  }
  const { command, argv } = asked
  for (const [name, setting] of misspeltSettings(environmentNames(), Object.keys(settings))) {
    warn(`There is no setting ${name}. Is ${setting} meant? It is not set.`)
  }
  const { checks } = await import('./checks.ts')
  const config = readConfig(checks)
  const database = {
    databaseFile: config.DATABASE_FILE_PATH,
    databaseUrl: config.DATABASE_URL,
  }
  switch (command) {
    case 'serve':
      return serve(config)
    case 'import': {
      const { importCommand } = await import('./commands/import.ts')
      await importCommand(argv, { ...database, keepQuery: config.KEEP_QUERY }, Date.now(), output)
      return 0
    }
    case 'prune': {
      const { pruneCommand } = await import('./commands/prune.ts')
      const store = storeOptions(config)
      const pruning = { ...database, keepHistoryDays: config.KEEP_HISTORY_DAYS, store }
      await pruneCommand(argv, pruning, Date.now(), print)
      return 0
    }
    case 'migrate-to-postgres': {
      const { migrateCommand } = await import('./commands/migrate.ts')
      await migrateCommand(argv, database, Date.now(), output)
      return 0
    }
  }
}

function explain(error: unknown): number {
  const isKnown = [ConfigError, StartError, UsageError, CommandFailure].some(
    (kind) => error instanceof kind,
  )
  warn(String(isKnown ? (error as Error).message : ((error as Error)?.stack ?? error)))
  return error instanceof UsageError ? 2 : 1
}

// A reader of what is printed may go away, as after `| head -1`, or the disk that it goes to be full.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
// Node would open its debugger to whoever can reach the port.
process.on('SIGUSR1', () => {})

const code = await main(process.argv.slice(2)).catch(explain)
const written = [process.stdout, process.stderr].map(
  (stream) => new Promise((resolve) => stream.write('', resolve)),
)
// Neither a reader that reads nothing nor what was opened and does not close holds up the end.
await Promise.race([Promise.all(written), new Promise((resolve) => setTimeout(resolve, FLUSH_MS))])
process.exit(code)
