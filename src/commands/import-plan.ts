import { hash } from 'node:crypto'
import type { HitCounterRow } from '../database/transfer/import.ts'
import { normalizePage, type PageKey } from '../page.ts'
import { Refusal } from '../refusal.ts'
import { quoted } from './usage.ts'

/** Rows that identify a database: hit-counter never changes their urls, and gives ids in order. */
const MARKED = 10
/** Refused urls that are listed. */
const EXAMPLES = 10

interface Totals {
  rows: number
  hits: number
}

/**
 * The result of reading a database before anything is imported. Each row makes a page, joins one, repeats a url, or is
 * refused. Each hit is added to a page, left out as repeated, or refused.
 */
export interface Plan {
  /** Hashes of the first rows. */
  marks: string[]
  pages: Map<PageKey, number>
  read: Totals
  /** Further rows of the same url. Only the row with the most hits counts; the hits of the others are left out. */
  repeated: Totals
  /** Rows of further urls of a page. Their hits are added to the page's. */
  joined: Totals
  refused: Totals
  /** Some of the refused rows, with the reason. */
  examples: string[]
  /** Refused rows that `examples` does not list. */
  unnamed: number
}

/** The rows of a url, the hits of all of them, and of the one with the most. */
interface Url extends Totals {
  largest: number
}

/** Reads the rows of a hit-counter database, and decides what is imported. */
export function planImport(rows: Iterable<HitCounterRow>, keepQuery: readonly string[]): Plan {
  const none = (): Totals => ({ rows: 0, hits: 0 })
  const plan: Plan = {
    marks: [],
    pages: new Map(),
    read: none(),
    repeated: none(),
    joined: none(),
    refused: none(),
    examples: [],
    unnamed: 0,
  }
  // Urls are not unique in hit-counter's table: two first visits at once made two rows, and both went on counting.
  const urls = new Map<string, Url>()
  for (const { id, url, count } of rows) {
    if (plan.marks.length < MARKED)
      plan.marks.push(hash('sha256', JSON.stringify([id, url])).slice(0, 16))
    const isCount = typeof count === 'number' && Number.isSafeInteger(count) && count >= 0
    const hits = isCount ? count : 0
    add(plan.read, 1, hits)
    if (typeof url !== 'string' || !isCount) {
      const fault = isCount ? faultyUrl(id, url) : faultyCount(id, url, count)
      refuse(plan, { rows: 1, hits }, fault)
      continue
    }
    const known = urls.get(url)
    if (known) {
      add(known, 1, hits)
      known.largest = Math.max(known.largest, hits)
    } else urls.set(url, { rows: 1, hits, largest: hits })
  }
  for (const [url, found] of urls) addUrl(plan, url, found, keepQuery)
  return plan
}

function faultyUrl(id: number, url: unknown): string {
  const found = url === null ? 'NULL' : 'not text'
  return `row ${id}: its url is ${found}; correct or delete the row and import again`
}

function faultyCount(id: number, url: unknown, count: unknown): string {
  const found = count === null ? 'NULL' : quoted(String(count))
  return (
    `row ${id} (${quoted(String(url))}): its count is ${found}, not a whole number from 0 on; set it and import again: ` +
    `update url set count = 0 where id = ${id}`
  )
}

function addUrl(plan: Plan, url: string, found: Url, keepQuery: readonly string[]): void {
  const refuseUrl = (reason: string) => {
    const ofRows = found.rows === 1 ? '' : ` in ${found.rows} rows`
    refuse(plan, found, `${quoted(url)} (${found.hits} hits${ofRows}): ${reason}`)
  }
  let page: PageKey
  try {
    // hit-counter drops the scheme of a url and keeps the name and password in front of its host.
    page = normalizePage(/^[^/?#\s]+@/.test(url) ? `//${url}` : url, keepQuery)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    refuseUrl(error.brief)
    return
  }
  const other = plan.pages.get(page)
  const hits = (other ?? 0) + found.largest
  if (!Number.isSafeInteger(hits)) {
    refuseUrl('more hits than a number can hold')
    return
  }
  if (other !== undefined) add(plan.joined, 1, found.largest)
  add(plan.repeated, found.rows - 1, found.hits - found.largest)
  plan.pages.set(page, hits)
}

function refuse(plan: Plan, { rows, hits }: Totals, example: string): void {
  add(plan.refused, rows, hits)
  if (plan.examples.length < EXAMPLES) plan.examples.push(example)
  else plan.unnamed += rows
}

function add(totals: Totals, rows: number, hits: number): void {
  totals.rows += rows
  totals.hits += hits
}
