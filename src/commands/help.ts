import { UsageError } from './usage.ts'

const SERVE_USAGE = `Usage: npm start

Serves badges and counts visits. It takes no options: every setting is an environment variable, such as PORT=9000.
docs/configuration.md has them all.`

export const IMPORT_USAGE = `Usage: npm run import -- hit-counter path/to/data.db [--source NAME]

Adds the numbers of a hit-counter database to this one. It can run again, and while the server runs: what was
added from a source before is not added twice. Name the source to import a second, separate instance.`

export const PRUNE_USAGE = `Usage: npm run prune [-- --dry-run]
       npm run prune -- --pages-below N --idle-days D [--dry-run]

Removes what the settings do not keep: numbers over time that are older than KEEP_HISTORY_DAYS, and tokens of windows
that have ended. The service does so by itself. The pages' totals stay as they are.

With --pages-below and --idle-days it removes pages instead, with all that is known of them: those that have fewer than
N hits and had no visit today or in the D days before, UTC. A page of which hits were imported stays. Such a page begins
again at 1 when it is visited.

Both may run beside the service. --dry-run only says what would be removed.`

export const MIGRATE_USAGE = `Usage: npm run migrate-to-postgres

Copies all that the SQLite file DATABASE_FILE_PATH holds into the empty PostgreSQL database DATABASE_URL, and compares the
numbers of both. Stop the service first. A copy that fails leaves nothing behind: run it again.`

/** How each command is used, by its name. */
const USAGES = {
  serve: SERVE_USAGE,
  import: IMPORT_USAGE,
  prune: PRUNE_USAGE,
  'migrate-to-postgres': MIGRATE_USAGE,
}

export type CommandName = keyof typeof USAGES

const OVERVIEW = `Commands: ${Object.keys(USAGES).join(', ')}. Each tells its options with --help.
Without a command it serves. docs/hosting.md and docs/scaling.md say what the others do.`

/**
 * Finds the command of a command line, and whether it only asks for help.
 * @throws UsageError where there is no such command, or it takes no options and there are some
 */
export function readCommand([first = 'serve', ...argv]: readonly string[]):
  | { help: string }
  | { command: CommandName; argv: string[] } {
  const isQuestion = (word: string | undefined) => word === '--help' || word === '-h'
  if (isQuestion(first) || first === 'help') return { help: OVERVIEW }
  if (!Object.hasOwn(USAGES, first)) {
    // As an option of the service, which most services have.
    const hint = first.startsWith('-') ? `\n\n${SERVE_USAGE}` : ''
    throw new UsageError(`There is no command ${JSON.stringify(first)}. ${OVERVIEW}${hint}`)
  }
  const command = first as CommandName
  if (argv.some(isQuestion)) return { help: USAGES[command] }
  if (command === 'serve' && argv.length > 0)
    throw new UsageError(`What is ${JSON.stringify(argv.join(' '))}?\n\n${SERVE_USAGE}`)
  return { command, argv }
}
