import { existsSync, type Stats, statSync } from 'node:fs'
import { databaseName } from '../database/options.ts'
import { addImported as addToPostgres } from '../database/postgres/imported.ts'
import { recogniseIfReadable, WrongFile } from '../database/sqlite/condition.ts'
import { addImported } from '../database/sqlite/imported.ts'
import { openDatabase } from '../database/sqlite/open.ts'
import { type HitCounter, OtherSource, openHitCounter } from '../database/transfer/hit-counter.ts'
import { explainFailures, lackingLog } from './failures.ts'
import { type Plan, planImport } from './import-plan.ts'
import { CommandFailure, formatNumber, type Output, quoted } from './usage.ts'

export interface ImportSettings {
  databaseFile: string
  /** The PostgreSQL database to import into instead of the file. */
  databaseUrl?: string | undefined
  keepQuery: readonly string[]
}

/**
 * `import hit-counter FILE`: prints what was read, repeated, joined, refused and added.
 * @param now milliseconds since 1970, UTC
 * @throws CommandFailure
 */
export async function runImport(
  { file, source, json }: { file: string; source: string; json?: true },
  { databaseFile, databaseUrl, keepQuery }: ImportSettings,
  now: number,
  output: Output,
): Promise<void> {
  checkFile(file, databaseUrl === undefined ? databaseFile : null)
  const plan = await readPlan(file, keepQuery, output)
  const into = databaseName(databaseUrl, databaseFile)
  const isNew = databaseUrl === undefined && !existsSync(databaseFile)
  const added = await explainFailures(
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
  if (json) {
    const { marks: _, pages, ...read } = plan
    output.print(JSON.stringify({ ...read, pages: pages.size, added, into }))
    return
  }
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

/**
 * @param target the file that is imported into, or null if the target is PostgreSQL
 * @throws CommandFailure if the file cannot be imported
 */
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

/** @throws WrongFile if the file is not one of hit-counter's */
function checkSource(file: string): void {
  const content = recogniseIfReadable(file, undefined, true)
  if (content === 'tallymark' || content === 'newer')
    throw new WrongFile(
      "it is Tallymark's own",
      'tallymark migrate-to-postgres copies it into PostgreSQL',
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
      : ` The largest number is ${formatNumber(hits)}, of ${quoted(page)}: compare it with the old badge.`
  return (
    `WARNING: ${file} may lack the newest numbers. ${formatNumber(read.rows)} rows were read.${compare} ${lackingLog(file)} ` +
    'If this is the whole file, as hit-counter leaves it when nobody uses it, all is well; if not, import again from ' +
    'a whole copy, which adds the rest.'
  )
}

function report(
  { read, repeated, joined, refused, pages, examples, unnamed }: Plan,
  added: { pages: number; hits: number },
  print: (line: string) => void,
): void {
  const cell = (count: number, unit: string) =>
    `${formatNumber(count).padStart(12)} ${count === 1 ? `${unit} ` : `${unit}s`}`
  const line = (name: string, count: number, unit: string, hits: number, remark = '') =>
    print(`${name.padEnd(9)}${cell(count, unit).padEnd(18)}${cell(hits, 'hit')}${remark}`.trimEnd())
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
  if (unnamed > 0) print(`  and ${formatNumber(unnamed)} more rows`)
}

function total(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
