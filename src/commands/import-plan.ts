import { hash } from 'node:crypto'
import type { HitCounterRow } from '../database/transfer/hit-counter.ts'
import { normalizePage, type PageKey } from '../page.ts'
import { Refusal } from '../refusal.ts'
import { quoted } from './usage.ts'

/** Rows by which a database is known again: hit-counter never changes their urls, and gives ids in order. */
const MARKED = 10
/** Refused urls that are named. */
const EXAMPLES = 10

interface Totals {
  rows: number
  hits: number
}

/**
 * What an import makes of the rows it reads. Each row makes a page, joins one, repeats a url, or is refused; each hit
 * is a page's, was left out as repeated, or is refused.
 */
export interface Plan {
  /** Hashes of its first rows. */
  marks: string[]
  pages: Map<PageKey, number>
  read: Totals
  /** Rows of a url that another row has too, and the hits of theirs that are left out: the larger row counts. */
  repeated: Totals
  /** Rows of another url of a page, and their hits, which are added to the page's. */
  joined: Totals
  refused: Totals
  /** Some of what was refused, with the reason. */
  examples: string[]
  /** Refused rows that are not among these. */
  unnamed: number
}

interface Url {
  rows: number
  /** Of all rows, and of the largest. */
  sum: number
  largest: number
}

/** Reads the rows of a hit-counter database, and says what becomes of each. */
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
  // hit-counter's table has no unique url: two first visits at once made two rows, of which both went on counting.
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
