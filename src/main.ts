import { statSync } from 'node:fs'
import { CommanderError } from 'commander'
import { ConfigError, environmentNames, readSettings, settings } from '../config.ts'
import { type CommandContext, runCommandLine } from './commands/program.ts'
import { CommandFailure, checkNpmOptions, UsageError } from './commands/usage.ts'
import { databaseName } from './database/options.ts'
import { StartError } from './refusal.ts'
import type { ServiceSettings } from './service.ts'

/** How long the process waits at its end until its output is read, in ms. */
const FLUSH_MS = 300

const print = (line: string) => process.stdout.write(`${line}\n`)
const warn = (line: string) => process.stderr.write(`${line}\n`)

/** Serves until a signal ends the service, or it cannot go on. @returns the exit code */
async function serve(settings: ServiceSettings): Promise<number> {
  const { file, url } = settings.database
  const isNew = url === undefined && isNewFile(file)
  // Handlers come first: process 1 of a container loses signals that it has no handler for.
  const stop = new Promise<null>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(signal, () => resolve(null))
  })
  // Imported here, so that other commands do not load it, and signals are already handled.
  const starting = import('./service.ts').then(({ startService }) =>
    startService(settings, Date.now, print),
  )
  const service = await Promise.race([starting, stop])
  // A signal came while the service started, perhaps waiting for its database. It has answered nothing that closing would save.
  if (service === null) return 0
  const database = databaseName(url, file)
  if (isNew) {
    print(
      `The database ${database} is new and empty. If you expected numbers in it, set DATABASE_FILE_PATH: a relative ` +
        'path begins in the folder where the service is started.',
    )
  }
  print(`Tallymark counts on ${service.address} into ${database}. Ctrl-C stops it.`)
  if (settings.admin.isOn) print('Administration is on: `npm run sign-in` prints a link.')
  const reason = await Promise.race([stop, service.broken])
  if (reason !== null) warn(`Tallymark ends: ${reason}.`)
  try {
    await service.close()
  } catch (error) {
    const { cause = error } = error as { cause?: unknown }
    const { message } = cause as { message?: string }
    const { isDamaged } = await import('./database/sqlite/condition.ts')
    const outcome = isDamaged(cause)
      ? 'Its database is damaged, and visits that were answered may be lost: restore a backup.'
      : 'No visit that was answered is lost by that.'
    warn(`Tallymark has not closed in order: ${message}. ${outcome}`)
    return 1
  }
  return reason === null ? 0 : 1
}

/** Whether there is no file yet, or an empty one. If it cannot be looked at, the start says why. */
function isNewFile(file: string): boolean {
  try {
    return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0
  } catch {
    return false
  }
}

/** Reads the settings, and warns of names in the environment that look like misspelt settings. @throws ConfigError */
async function settingsOfProcess(): Promise<ServiceSettings> {
  const { misspeltSettings } = await import('./misspelt.ts')
  for (const [name, setting] of misspeltSettings(environmentNames(), Object.keys(settings))) {
    warn(`There is no setting ${name}. Is ${setting} meant? It is not set.`)
  }
  const { checks } = await import('./checks.ts')
  return readSettings(checks)
}

/** Explains an error on standard error. @returns the exit code */
function explain(error: unknown): number {
  // Commander has printed its own message. It throws after `--help`, too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const isKnown = [ConfigError, StartError, UsageError, CommandFailure].some(
    (kind) => error instanceof kind,
  )
  warn(String(isKnown ? (error as Error).message : ((error as Error)?.stack ?? error)))
  return error instanceof UsageError ? 2 : 1
}

/**
 * Runs a command line to its end, and ends the process.
 * @param words the arguments after the program's name
 */
export async function main(words: readonly string[]): Promise<never> {
  // The reader of the output may end early, as `| head -1` does, or its disk may be full.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  // Without a handler, Node would open its debugger to everybody who can reach the port.
  process.on('SIGUSR1', () => {})
  const context: CommandContext = {
    settings: settingsOfProcess,
    now: Date.now,
    output: { print, warn },
    serve: async () => serve(await settingsOfProcess()),
  }
  let code: number
  try {
    checkNpmOptions(words, environmentNames())
    code = await runCommandLine(words, context)
  } catch (error) {
    code = explain(error)
  }
  const written = [process.stdout, process.stderr].map(
    (stream) => new Promise((resolve) => stream.write('', resolve)),
  )
  // Neither a reader that reads nothing nor a handle that stays open may delay the end.
  const tooLong = new Promise((resolve) => setTimeout(resolve, FLUSH_MS))
  await Promise.race([Promise.all(written), tooLong])
  process.exit(code)
}
