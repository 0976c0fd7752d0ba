import { existsSync, type Stats, statSync } from 'node:fs'
import type { Settings } from '../../config.ts'
import { databaseName } from '../database/options.ts'
import { recognise, WrongFile } from '../database/sqlite/condition.ts'
import { openToRead } from '../database/sqlite/readable.ts'
import {
  type Imported,
  importIntoFile,
  importIntoPostgres,
  OtherSource,
  openHitCounter,
} from '../database/transfer/import.ts'
import { explainFailures, lackingLog } from './failures.ts'
import { type Plan, planImport } from './import-plan.ts'
import { CommandFailure, formatNumber, type Output, quoted } from './usage.ts'

/** `import hit-counter FILE`: prints what was read, repeated, joined, refused and added. @throws CommandFailure */
export async function runImport(
  { file, source, json }: { file: string; source: string; json?: true },
  { database: { file: targetFile, url }, pages: { keepQuery } }: Settings,
  now: number,
  output: Output,
): Promise<void> {
  const target = url === undefined ? targetFile : null
  checkFile(file, target)
  const plan = readPlan(file, keepQuery, output)
  const into = databaseName(url, targetFile)
  const isNew = target !== null && !existsSync(target)
  const numbers = { ...plan, source }
  const { added, removed } = await explainFailures(
    `Cannot import into ${into}`,
    () =>
      url === undefined
        ? importIntoFile(targetFile, numbers)
        : importIntoPostgres(url, numbers, now),
    { file: url === undefined ? into : undefined },
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
    const leftOut = removed.pages > 0 ? { removed } : {}
    output.print(JSON.stringify({ ...read, pages: pages.size, added, ...leftOut, into }))
    return
  }
  report(plan, { added, removed }, output.print)
  output.print(`into ${isNew ? 'a new database, ' : ''}${into}`)
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

function readPlan(file: string, keepQuery: readonly string[], { warn }: Output): Plan {
  let source: ReturnType<typeof openHitCounter> | undefined
  try {
    checkSource(file)
    source = openHitCounter(file)
    const plan = planImport(source.rows(), keepQuery)
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
  const content = recognise(file, (path) => openToRead(path, true))
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
  { added, removed }: Imported,
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
  line(
    'held',
    pages.size,
    'page',
    [...pages.values()].reduce((sum, hits) => sum + hits, 0),
  )
  if (removed.pages > 0) {
    const why = ' left out (you have removed the page; restore it and import again)'
    line('removed', removed.pages, 'page', removed.hits, why)
  }
  line('added', added.pages, 'page', added.hits, ' now; the rest was here already')
  for (const example of examples) print(`  refused ${example}`)
  if (unnamed > 0) print(`  and ${formatNumber(unnamed)} more rows`)
}
