import { hash } from 'node:crypto'
import type { HitCounterRow } from '../database/transfer/hit-counter.ts'
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

interface Url {
  rows: number
  /** The hits of all rows, and of the row with the most. */
  sum: number
  largest: number
}

/** Reads the rows of a hit-counter database, and decides what is imported. */
export async function planImport(
  rows: AsyncIterable<HitCounterRow>,
  keepQuery: readonly string[],
): Promise<Plan> {
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
  for await (const { id, url, count } of rows) {
    if (plan.marks.length < MARKED)
      plan.marks.push(hash('sha256', JSON.stringify([id, url])).slice(0, 16))
    const isCount = typeof count === 'number' && Number.isSafeInteger(count) && count >= 0
    const hits = isCount ? count : 0
    add(plan.read, 1, hits)
    if (typeof url !== 'string' || !isCount) {
      refuse(plan, url, { rows: 1, sum: hits, largest: hits }, 'the row is damaged')
      continue
    }
    const { rows = 0, sum = 0, largest = 0 } = urls.get(url) ?? {}
    urls.set(url, { rows: rows + 1, sum: sum + hits, largest: Math.max(largest, hits) })
  }
  for (const [url, found] of urls) addUrl(plan, url, found, keepQuery)
  return plan
}

function addUrl(plan: Plan, url: string, found: Url, keepQuery: readonly string[]): void {
  let page: PageKey
  try {
    page = pageOf(url, keepQuery)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    refuse(plan, url, found, error.brief)
    return
  }
  const other = plan.pages.get(page)
  const hits = (other ?? 0) + found.largest
  if (!Number.isSafeInteger(hits)) {
    refuse(plan, url, found, 'more hits than a number can hold')
    return
  }
  if (other !== undefined) add(plan.joined, 1, found.largest)
  add(plan.repeated, found.rows - 1, found.sum - found.largest)
  plan.pages.set(page, hits)
}

/** hit-counter drops the scheme of a url and keeps the name and password in front of its host. */
function pageOf(url: string, keepQuery: readonly string[]): PageKey {
  return normalizePage(/^[^/?#\s]+@/.test(url) ? `//${url}` : url, keepQuery)
}

function refuse(plan: Plan, url: unknown, { rows, sum }: Url, reason: string): void {
  add(plan.refused, rows, sum)
  if (plan.examples.length >= EXAMPLES) {
    plan.unnamed += rows
    return
  }
  const ofRows = rows === 1 ? '' : ` in ${rows} rows`
  plan.examples.push(`${quoted(String(url))} (${sum} hits${ofRows}): ${reason}`)
}

const none = (): Totals => ({ rows: 0, hits: 0 })

function add(totals: Totals, rows: number, hits: number): void {
  totals.rows += rows
  totals.hits += hits
}
