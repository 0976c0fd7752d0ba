import { existsSync, type Stats, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { OtherSource } from '../database/moving.ts'
import { databaseName } from '../database/name.ts'
import { addImported as addToPostgres } from '../database/postgres/imported.ts'
import { recogniseIfReadable, WrongFile } from '../database/sqlite/condition.ts'
import { type HitCounter, openHitCounter } from '../database/sqlite/hit-counter.ts'
import { addImported } from '../database/sqlite/imported.ts'
import { openDatabase } from '../database/sqlite/open.ts'
import { telling } from './failures.ts'
import { IMPORT_USAGE } from './help.ts'
import { type Plan, planImport } from './import-plan.ts'
import { lackingLog } from './lacking-log.ts'
import { CommandFailure, type Output, quoted, UsageError } from './usage.ts'

export interface ImportSettings {
  databaseFile: string
  /** Of the PostgreSQL database to import into instead. */
  databaseUrl?: string | undefined
  keepQuery: readonly string[]
}

/**
 * `import hit-counter FILE`: prints what was read, repeated, joined, refused and added.
 * @param now milliseconds since 1970, UTC
 * @throws UsageError or CommandFailure
 */
export async function importCommand(
  argv: string[],
  { databaseFile, databaseUrl, keepQuery }: ImportSettings,
  now: number,
  output: Output,
): Promise<void> {
  const { file, source } = parseCommand(argv)
  checkFile(file, databaseUrl === undefined ? databaseFile : null)
  const plan = await readPlan(file, keepQuery, output)
  const into = databaseName(databaseUrl, databaseFile)
  const isNew = databaseUrl === undefined && !existsSync(databaseFile)
  const added = await telling(
    `Cannot import into ${into}`,
    () =>
      databaseUrl === undefined
        ? addToFile(databaseFile, source, plan)
        : addToPostgres(databaseUrl, source, plan.marks, plan.pages, now),
    undefined,
    databaseUrl === undefined ? into : undefined,
  ).catch((error) => {
    if (!(error instanceof OtherSource)) throw error
    throw new CommandFailure(
      `${file} is another database than the one that was imported as ${quoted(source)} before. Nothing was changed. ` +
        'Give it a name of its own with --source NAME; its numbers are then added to those that are there.',
      { cause: error },
    )
  })
  report(plan, added, output.print)
  output.print(`into ${isNew ? 'a new database, ' : ''}${into}`)
}

async function addToFile(file: string, source: string, { marks, pages }: Plan) {
  const database = await openDatabase(file)
  try {
    return await addImported(database, source, marks, pages)
  } finally {
    await database.db.destroy()
  }
}

function parseCommand(argv: string[]): { file: string; source: string } {
  const { values, positionals } = parseOptions(argv)
  const [kind, file, ...rest] = positionals
  if (kind !== undefined && kind !== 'hit-counter') {
    const reason =
      file === undefined
        ? `What kind of database is ${quoted(kind)}? Put "hit-counter" in front of it.`
        : `${quoted(kind)} is no kind of database that can be imported; there is "hit-counter".`
    throw new UsageError(`${reason}\n\n${IMPORT_USAGE}`)
  }
  if (!file) throw new UsageError(IMPORT_USAGE)
  if (rest.length > 0) {
    throw new UsageError(
      `One file at a time; ${quoted(rest.join(' '))} is too much.\n\n${IMPORT_USAGE}`,
    )
  }
  if (values.source.trim() === '') {
    throw new UsageError(`--source is empty: give the source a name.\n\n${IMPORT_USAGE}`)
  }
  return { file, source: values.source }
}

function parseOptions(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: { source: { type: 'string', default: 'hit-counter' } },
    })
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${IMPORT_USAGE}`, { cause: error })
  }
}

/** @param target the file that is imported into, null where it is no file */
function checkFile(file: string, target: string | null): void {
  let found: Stats | undefined
  try {
    found = statSync(file, { throwIfNoEntry: false })
  } catch (error) {
    throw new CommandFailure(`${file} cannot be read: ${(error as Error).message}.`, {
      cause: error,
    })
  }
  if (!found) throw new CommandFailure(`There is no file ${file}.`)
  if (found.isDirectory()) {
    throw new CommandFailure(
      `${file} is a folder. Name the database in it; hit-counter calls it data.db unless its config.py says otherwise.`,
    )
  }
  const other = target !== null && existsSync(target) ? statSync(target) : undefined
  if (other && other.ino === found.ino && other.dev === found.dev) {
    throw new CommandFailure(
      `${file} is the database that DATABASE_FILE_PATH names, so it would be imported into itself. ` +
        'Let DATABASE_FILE_PATH name another file; it is made if it is not there.',
    )
  }
}

async function readPlan(
  file: string,
  keepQuery: readonly string[],
  { warn }: Output,
): Promise<Plan> {
  let source: HitCounter | undefined
  try {
    checkSource(file)
    source = openHitCounter(file)
    const plan = await planImport(source.rows(), keepQuery)
    if (source.lacksLog) warn(lackingNumbers(file, plan))
    return plan
  } catch (error) {
    const reason = error instanceof WrongFile ? error.reason : (error as Error).message
    const log = source?.lacksLog && /no such table/.test(reason) ? ` ${lackingLog(file)}` : ''
    throw new CommandFailure(`${file} cannot be read as a hit-counter database: ${reason}.${log}`, {
      cause: error,
    })
  } finally {
    source?.close()
  }
}

/** @throws WrongFile */
function checkSource(file: string): void {
  const content = recogniseIfReadable(file, undefined, true)
  if (content === 'tallymark' || content === 'newer')
    throw new WrongFile(
      "it is Tallymark's own",
      'npm run migrate-to-postgres brings it to PostgreSQL',
    )
  if (content === 'other')
    throw new WrongFile("it is another program's database", 'name another file')
}

function lackingNumbers(file: string, { read, pages }: Plan): string {
  let largest: [page: string, hits: number] = ['', 0]
  for (const entry of pages) if (entry[1] > largest[1]) largest = entry
  const [page, hits] = largest
  const compare =
    hits === 0
      ? ''
      : ` The largest number is ${number(hits)}, of ${quoted(page)}: compare it with the old badge.`
  return (
    `WARNING: ${file} may lack the newest numbers. ${number(read.rows)} rows were read.${compare} ${lackingLog(file)} ` +
    'If this is the whole file, as hit-counter leaves it when nobody uses it, all is well; if not, import again from ' +
    'a whole copy, which adds the rest.'
  )
}

function report(
  { read, repeated, joined, refused, pages, examples, unnamed }: Plan,
  added: { pages: number; hits: number },
  print: (line: string) => void,
): void {
  const counted = (many: number, unit: string) =>
    `${number(many).padStart(12)} ${many === 1 ? `${unit} ` : `${unit}s`}`
  const line = (name: string, many: number, unit: string, hits: number, remark = '') =>
    print(
      `${name.padEnd(9)}${counted(many, unit).padEnd(18)}${counted(hits, 'hit')}${remark}`.trimEnd(),
    )
  line('read', read.rows, 'row', read.hits)
  line(
    'repeated',
    repeated.rows,
    'row',
    repeated.hits,
    ' left out (the same url twice: the larger counts)',
  )
  line('joined', joined.rows, 'row', joined.hits, ' added to the page of another url')
  line('refused', refused.rows, 'row', refused.hits)
  line('held', pages.size, 'page', total(pages.values()))
  line('added', added.pages, 'page', added.hits, ' now; the rest was here already')
  for (const example of examples) print(`  refused ${example}`)
  if (unnamed > 0) print(`  and ${number(unnamed)} more rows`)
}

const number = (value: number) => value.toLocaleString('en')

function total(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
