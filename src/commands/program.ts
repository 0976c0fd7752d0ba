import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import type { Settings } from '../../config.ts'
import type { Output } from './usage.ts'

/** The process, as commands use it. */
export interface CommandContext {
  /** Reads and checks the settings. @throws ConfigError */
  settings(): Promise<Settings>
  /** Milliseconds since 1970, UTC. */
  now(): number
  output: Output
  /** Serves until it is stopped. @returns the exit code. @throws ConfigError */
  serve(): Promise<number>
}

const JSON_OPTION = ['--json', 'print the result as JSON'] as const

/**
 * Defines the command line. Each command imports its code when it runs, so that `--help` is quick.
 * @param done is called with the exit code, by commands that have one
 */
function buildProgram(context: CommandContext, done: (code: number) => void): Command {
  const { output, settings, now } = context
  const { version } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
  )
  const program = new Command('tallymark')
    .description('Counts page visits and answers with an SVG badge. Without a command, it serves.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.print(text.trimEnd()),
      writeErr: (text) => output.warn(text.trimEnd()),
      outputError: (text, write) =>
        write(text.replace(/^error: (.)/, (_, first) => first.toUpperCase())),
    })
    .showHelpAfterError(
      'Run it with --help to see how it is used. Settings are environment variables, such as PORT=9000.',
    )
    .addHelpText(
      'after',
      '\nSettings are environment variables, such as PORT=9000: docs/configuration.md has them all.',
    )

  const command = (name: string, summary: string, description: string, ...examples: string[]) =>
    program
      .command(name)
      .summary(summary)
      .description(description)
      .addHelpText('after', ['\nExamples:', ...examples].join('\n  '))

  command(
    'serve',
    'count visits and serve badges',
    'Counts visits and serves badges until it is stopped by Ctrl-C, SIGTERM or SIGHUP.',
    'tallymark serve',
    'PORT=9000 tallymark serve',
    'DATABASE_FILE_PATH=/data/hits.db tallymark serve',
  ).action(async () => done(await context.serve()))

  command(
    'import',
    "add another counter's numbers",
    'Adds the numbers of another counter to this one. It can run again, and while the service runs: what was added ' +
      'from a source before is not added twice.',
    'tallymark import hit-counter path/to/data.db',
    'tallymark import hit-counter other/data.db --source other',
  )
    .showHelpAfterError('It is used as: tallymark import hit-counter path/to/data.db')
    .argument('<kind>', 'what kind of database it is: hit-counter', kindOf)
    .argument('<file>', 'the database')
    .option(
      '--source <name>',
      'a name of its own, to import a second, separate database',
      nonEmpty,
      'hit-counter',
    )
    .option(...JSON_OPTION)
    .action(async (_kind: string, file: string, options: { source: string; json?: true }) => {
      const { runImport } = await import('./import.ts')
      await runImport({ file, ...options }, await settings(), now(), output)
    })

  command(
    'prune',
    'remove what is old, or pages that few people visit',
    'Removes numbers over time that are older than KEEP_HISTORY_DAYS, and tokens of windows that have ended. The ' +
      'service does so by itself. Totals stay as they are.\n\nWith --pages-below and --idle-days it removes pages ' +
      'instead, with all their numbers. Pages with imported hits stay. A removed page begins again at 1.',
    'tallymark prune',
    'tallymark prune --pages-below 3 --idle-days 365 --dry-run',
  )
    .option('--pages-below <hits>', 'remove pages with fewer hits', wholeNumber)
    .option(
      '--idle-days <days>',
      'that had no visit today, nor in this many days before, UTC',
      wholeNumber,
    )
    .option('--dry-run', 'only say what would be removed')
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { runPrune } = await import('./prune.ts')
      await runPrune(options, await settings(), now(), output)
    })

  command(
    'migrate-to-postgres',
    'copy the file into PostgreSQL',
    'Copies all that the SQLite file DATABASE_FILE_PATH holds into the empty PostgreSQL database DATABASE_URL, and ' +
      'compares the numbers of both. Stop the service first. A copy that fails leaves nothing behind: run it again.',
    'DATABASE_URL=postgres://user:password@host/name tallymark migrate-to-postgres',
  )
    .option(...JSON_OPTION)
    .action(async (options: { json?: true }) => {
      const { runMigration } = await import('./migrate.ts')
      await runMigration(options, await settings(), now(), output)
    })

  command(
    'check',
    'say whether this instance is well',
    'Checks the settings, the database, the clock, and the service as visitors reach it, and says what to do about each ' +
      'fault. The exit code is 1 if there is a fault.',
    'tallymark check',
    'tallymark check --url https://hits.example.com',
  )
    .option(
      '--url <address>',
      'where visitors reach the service; PUBLIC_URL, or this machine',
      httpUrl,
    )
    .option(...JSON_OPTION)
    .action(async (options: { url?: string; json?: true }) => {
      const { runCheck } = await import('./check.ts')
      done(await runCheck(options, settings, now, output))
    })

  command(
    'sign-in',
    'print a link that signs a browser in',
    'Prints a link to the pages of administration. It works once, for 10 minutes. It needs ADMIN=true, and can run while the ' +
      'service runs.',
    'tallymark sign-in',
  )
    .option(...JSON_OPTION)
    .action(async (options: { json?: true }) => {
      const { runSignIn } = await import('./sign-in.ts')
      await runSignIn(options, await settings(), now(), output)
    })

  const key = command(
    'key',
    'make, list and revoke keys of owners',
    'With a key, the owner of a page may set, add to, reset, remove and restore its number, and those of all pages below it.',
    'tallymark key create docs github.com/me/',
    'tallymark key list',
    'tallymark key revoke 3',
  )
  key
    .command('create')
    .description('Makes a key, and prints it once.')
    .argument('<name>', 'whose key it is, for the list and the audit log')
    .argument('<prefix>', 'a page, which stands for all pages below it too: github.com/me/')
    .option('--confirm', 'the prefix is meant, though it is a whole host, or a name')
    .option(...JSON_OPTION)
    .action(async (name: string, prefix: string, options: { confirm?: true; json?: true }) => {
      const { runKeyCreate } = await import('./key.ts')
      await runKeyCreate({ name, prefix, ...options }, await settings(), now(), output)
    })
  key
    .command('list')
    .description('Prints all keys, without their secrets.')
    .option(...JSON_OPTION)
    .action(async (options: { json?: true }) => {
      const { runKeyList } = await import('./key.ts')
      await runKeyList(options, await settings(), now(), output)
    })
  key
    .command('revoke')
    .description('Ends a key.')
    .argument('<id>', 'its number in the list', wholeNumber)
    .option(...JSON_OPTION)
    .action(async (id: number, options: { json?: true }) => {
      const { runKeyRevoke } = await import('./key.ts')
      await runKeyRevoke({ id, ...options }, await settings(), now(), output)
    })

  const rule = command(
    'rule',
    'list and remove entries of the lists',
    'Lists what operators have added to the lists while the service runs, such as bans and page rules, and removes it: also if ' +
      'an operator has banned their own address.',
    'tallymark rule list',
    'tallymark rule remove 3',
  )
  rule
    .command('list')
    .description('Prints all entries that have not ended.')
    .option(...JSON_OPTION)
    .action(async (options: { json?: true }) => {
      const { runRuleList } = await import('./rule.ts')
      await runRuleList(options, await settings(), now(), output)
    })
  rule
    .command('remove')
    .description('Removes an entry.')
    .argument('<id>', 'its number in the list', wholeNumber)
    .option(...JSON_OPTION)
    .action(async (id: number, options: { json?: true }) => {
      const { runRuleRemove } = await import('./rule.ts')
      await runRuleRemove({ id, ...options }, await settings(), now(), output)
    })

  return program
}

/** Runs a command line. @returns the exit code. @throws CommanderError for a wrong line, and the errors of the command */
export async function runCommandLine(
  words: readonly string[],
  context: CommandContext,
): Promise<number> {
  let code = 0
  const program = buildProgram(context, (given) => {
    code = given
  })
  await program.parseAsync(words.length === 0 ? ['serve'] : [...words], { from: 'user' })
  return code
}

function kindOf(value: string): string {
  if (value === 'hit-counter') return value
  throw new InvalidArgumentError('The one kind is hit-counter: tallymark import hit-counter FILE.')
}

function nonEmpty(value: string): string {
  if (value.trim() !== '') return value
  throw new InvalidArgumentError('It is empty: give the source a name.')
}

function wholeNumber(value: string): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : 0
  if (number >= 1) return number
  throw new InvalidArgumentError('It must be a whole number from 1 on.')
}

function httpUrl(value: string): string {
  if (/^https?:$/.test(URL.parse(value)?.protocol ?? '')) return value
  throw new InvalidArgumentError('It must begin with http:// or https://.')
}
