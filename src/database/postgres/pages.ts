import { hash } from 'node:crypto'
import { Cache } from '../../cache.ts'
import { hostOf, type PageKey } from '../../page.ts'
import { type Full, type PageLimits, whyFull } from '../page-limits.ts'
import { all, type Client, type Connection, type Row, run, type Statement } from './connection.ts'
import type { PageHash } from './schema.ts'
import type { Transactions } from './transaction.ts'

/** Bytes for the pages that are known to be there, some 140,000 of ordinary length; and those of each. */
const KNOWN_PAGES = 32_000_000
const KNOWN_PAGE = 80
/** The row of `host` that has all pages. */
export const ALL_PAGES = ''

/** A page's name in the tables. */
export function hashOf(page: PageKey): PageHash {
  const hex = hash('sha256', page)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}` as PageHash
}

/** As a parameter: a list of what holds no commas. */
export const list = (values: Iterable<string | number>) => `{${[...values].join()}}`

const NONE: Map<PageKey, Full> = new Map()

/** The items of such a list. */
export const unlist = (text: string) => text.slice(1, -1).split(',')

/** The name of each page, or why there can be none. */
export interface Names {
  names: Map<PageKey, PageHash>
  refused: Map<PageKey, Full>
}

interface Plan extends Names {
  /** Pages to be made, and how many of each host. */
  pages: Map<PageKey, PageHash>
  hosts: Map<string, number>
}

/** Makes the pages that hits go to. One that is known to be there is not looked for again, until `forget`. */
export class Pages {
  readonly #limits: PageLimits
  readonly #known = new Cache<PageHash, PageKey>(KNOWN_PAGES, () => KNOWN_PAGE)

  constructor(limits: PageLimits) {
    this.#limits = limits
  }

  /** For when the database may be another one, or pages were removed. */
  forget(): void {
    this.#known.clear()
  }

  hash(page: PageKey): PageHash {
    return this.#known.get(page) ?? hashOf(page)
  }

  /**
   * Makes those that are not there yet, as far as there is room.
   * @param counted whether they are counted just now
   */
  async names(
    pages: Iterable<PageKey>,
    counted: boolean,
    { link, transactions, now }: { link: Connection; transactions: Transactions; now: number },
  ): Promise<Names> {
    const names = new Map<PageKey, PageHash>()
    const unknown = new Map<PageKey, PageHash>()
    for (const page of pages) {
      const known = this.#known.get(page)
      if (known) names.set(page, known)
      else unknown.set(page, hashOf(page))
    }
    if (unknown.size === 0) return { names, refused: NONE }
    // What there is no room for is refused without holding anybody up: there never is more room than now.
    let plan = await this.#plan(unknown, counted, (...queries) => link.run(...queries))
    if (plan.pages.size > 0) {
      plan = await transactions.run(now, (client) => this.#make(client, unknown, counted))
    }
    for (const [page, name] of plan.names) {
      names.set(page, name)
      this.#known.add(page, name)
    }
    this.#known.trim()
    return { names, refused: plan.refused }
  }

  async #make(
    client: Client,
    unknown: ReadonlyMap<PageKey, PageHash>,
    counted: boolean,
  ): Promise<Plan> {
    await run(client, ['lockHosts'])
    const plan = await this.#plan(unknown, counted, (...queries) =>
      all(queries.map((query) => run(client, query))),
    )
    const { pages, hosts } = plan
    const names = [...hosts.keys()].sort()
    await all([
      run(client, ['addPages', list(pages.values()), [...pages.keys()]]),
      run(client, ['addToHosts', names, list(names.map((name) => hosts.get(name) as number))]),
    ])
    return plan
  }

  async #plan(
    unknown: ReadonlyMap<PageKey, PageHash>,
    counted: boolean,
    ask: (...queries: Statement[]) => Promise<Row[][]>,
  ): Promise<Plan> {
    const hosts = new Set([ALL_PAGES, ...[...unknown.keys()].map(hostOf)])
    const [found = [], hostRows = []] = await ask(
      ['findPages', list(unknown.values())],
      ['pagesOfHosts', [...hosts]],
    )
    const there = new Set(found.map(([hash]) => hash))
    const many = new Map(hostRows as [string, number][])
    const plan: Plan = { names: new Map(), refused: new Map(), pages: new Map(), hosts: new Map() }
    const add = (name: string) => {
      many.set(name, (many.get(name) ?? 0) + 1)
      plan.hosts.set(name, (plan.hosts.get(name) ?? 0) + 1)
    }
    for (const [page, hash] of unknown) {
      const host = hostOf(page)
      const full = there.has(hash)
        ? null
        : whyFull(this.#limits, counted, {
            all: () => many.get(ALL_PAGES) ?? 0,
            ofHost: () => many.get(host) ?? 0,
          })
      if (full !== null) {
        plan.refused.set(page, full)
        continue
      }
      plan.names.set(page, hash)
      if (there.has(hash)) continue
      plan.pages.set(page, hash)
      add(ALL_PAGES)
      add(host)
    }
    return plan
  }
}
