import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { databaseName } from '../database/name.ts'
import { addImported as addToPostgres } from '../database/postgres/imported.ts'
import { readHitCounter } from '../database/sqlite/hit-counter.ts'
import { addImported } from '../database/sqlite/imported.ts'
import { openDatabase } from '../database/sqlite/open.ts'
import { normalizePage, type PageKey } from '../page.ts'
import { Refusal } from '../refusal.ts'
import { telling } from './failures.ts'
import { UsageError } from './usage.ts'

export const IMPORT_USAGE = `Usage: npm run import -- hit-counter path/to/data.db [--source NAME]

Adds the numbers of a hit-counter database to this one. It can run again, and while the server runs: what was
added from a source before is not added twice. Name the source to import a second, separate instance.`

export interface ImportSettings {
  databaseFile: string
  /** Of the PostgreSQL database to import into instead. */
  databaseUrl?: string | undefined
  keepQuery: readonly string[]
}

interface Totals {
  rows: number
  hits: number
}

/** What an import made of the rows it read: each was merged, was refused, or made a page. */
interface Plan {
  pages: Map<PageKey, number>
  read: Totals
  /** Rows of a page that another row had named. Hits: those left out because the same url stood there with more. */
  merged: Totals
  refused: Totals
  examples: string[]
}

/**
 * `import hit-counter FILE`: prints what was read, merged, refused and added.
 * @param now milliseconds since 1970, UTC
 * @throws UsageError
 */
export async function importCommand(
  argv: string[],
  { databaseFile, databaseUrl, keepQuery }: ImportSettings,
  now: number,
  print: (line: string) => void,
): Promise<void> {
  const { file, source } = parseCommand(argv)
  const plan = await planImport(file, keepQuery)
  const into = databaseName(databaseUrl, databaseFile)
  const added =
    databaseUrl === undefined
      ? await addToFile(databaseFile, source, plan.pages)
      : await telling(`Cannot import into ${into}`, () =>
          addToPostgres(databaseUrl, source, plan.pages, now),
        )
  report(plan, added, print)
  print(`into ${into}`)
}

async function addToFile(file: string, source: string, pages: ReadonlyMap<PageKey, number>) {
  const database = await openDatabase(file)
  try {
    return await addImported(database, source, pages)
  } finally {
    await database.db.destroy()
  }
}

function parseCommand(argv: string[]): { file: string; source: string } {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { source: { type: 'string', default: 'hit-counter' } },
    })
    const [kind, file, ...rest] = positionals
    if (kind !== 'hit-counter' || !file || rest.length > 0) throw new Error(IMPORT_USAGE)
    if (!existsSync(file)) throw new Error(`There is no file ${file}.`)
    return { file, source: values.source }
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}

async function planImport(file: string, keepQuery: readonly string[]): Promise<Plan> {
  // hit-counter's table has no unique url: two first visits at once made two rows, of which one went on counting.
  const largest = new Map<string, number>()
  const plan: Plan = {
    pages: new Map(),
    read: { rows: 0, hits: 0 },
    merged: { rows: 0, hits: 0 },
    refused: { rows: 0, hits: 0 },
    examples: [],
  }
  for await (const { url, count } of rowsOf(file)) {
    const hits =
      typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null
    plan.read.rows += 1
    plan.read.hits += hits ?? 0
    if (typeof url !== 'string' || hits === null) {
      refuse(plan, url, hits ?? 0, 'the row is damaged')
      continue
    }
    const other = largest.get(url)
    if (other !== undefined) {
      plan.merged.rows += 1
      plan.merged.hits += Math.min(other, hits)
    }
    largest.set(url, Math.max(other ?? 0, hits))
  }
  for (const [url, hits] of largest) {
    try {
      const page = normalizePage(url, keepQuery)
      const other = plan.pages.get(page)
      const sum = (other ?? 0) + hits
      if (!Number.isSafeInteger(sum)) {
        refuse(plan, url, hits, 'more hits than a number can hold')
        continue
      }
      if (other !== undefined) plan.merged.rows += 1
      plan.pages.set(page, sum)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refuse(plan, url, hits, error.brief)
    }
  }
  return plan
}

async function* rowsOf(file: string) {
  try {
    yield* readHitCounter(file)
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read as a hit-counter database: ${(error as Error).message}.`,
      { cause: error },
    )
  }
}

function refuse(plan: Plan, url: unknown, hits: number, reason: string): void {
  plan.refused.rows += 1
  plan.refused.hits += hits
  // As JSON, so that what a stranger once sent cannot steer the terminal.
  const shown = JSON.stringify(String(url).slice(0, 80))
  if (plan.examples.length < 10) plan.examples.push(`${shown} (${hits} hits): ${reason}`)
}

function report(
  { read, merged, refused, pages, examples }: Plan,
  added: { pages: number; hits: number },
  print: (line: string) => void,
): void {
  const number = (value: number) => value.toLocaleString('en').padStart(12)
  print(`read    ${number(read.rows)} rows ${number(read.hits)} hits`)
  print(
    `merged  ${number(merged.rows)} rows ${number(merged.hits)} hits left out (the same url twice: the larger counts)`,
  )
  print(`refused ${number(refused.rows)} rows ${number(refused.hits)} hits`)
  print(`held    ${number(pages.size)} pages${number(total(pages.values()))} hits`)
  print(
    `added   ${number(added.pages)} pages${number(added.hits)} hits now; the rest was here already`,
  )
  for (const example of examples) print(`  refused ${example}`)
  if (refused.rows > examples.length) print(`  and ${refused.rows - examples.length} more`)
}

function total(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
