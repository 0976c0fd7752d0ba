import { setTimeout as pause } from 'node:timers/promises'
import type { Administration, Change, Deed } from './admin.ts'
import type { PageKey } from './page.ts'
import type { PageRewriter, PageRule } from './page-rules.ts'
import { Refusal } from './refusal.ts'
import { hourOf } from './time.ts'

/** Pages that are read at a time, and merged in one transaction; visits wait for that. */
const SLICE = 1000
/** How long other work has the database in between, in ms. */
const PAUSE_MS = 2
/** Pages that are listed at most. */
const MAX_LISTED = 100

export interface ChangedPage {
  page: PageKey
  becomes: PageKey
}

export interface ChangedPages {
  /** How many pages were looked at, and how many of them the rules change. */
  known: number
  changed: number
  /** The first of them. */
  pages: ChangedPage[]
}

export interface MergedPages {
  merged: number
  /** How many could not be merged, for example because the page that they become was removed. */
  left: number
  /** The first of those, each with the reason. */
  problems: (ChangedPage & { problem: string })[]
}

/** The known pages that page rules make another page. It reads all keys, in slices. */
export class KnownPages {
  readonly #admin: Administration
  readonly #rewriter: PageRewriter
  readonly #meant: ReadonlySet<PageRule>

  /**
   * @param rewriter of all page rules that hold or would hold
   * @param meant the rules of interest: a page that changes without them is left out
   */
  constructor(admin: Administration, rewriter: PageRewriter, meant: readonly PageRule[]) {
    this.#admin = admin
    this.#rewriter = rewriter
    this.#meant = new Set(meant)
  }

  /** Says which pages would change, and changes nothing. */
  async find(): Promise<ChangedPages> {
    const found: ChangedPages = { known: 0, changed: 0, pages: [] }
    for await (const { known, changed } of this.#slices()) {
      found.known += known
      found.changed += changed.length
      found.pages.push(...changed.slice(0, MAX_LISTED - found.pages.length))
    }
    return found
  }

  /**
   * Merges each of these pages into the one that it becomes; its address stays an alias. Each slice is merged completely or not
   * at all. New visits already go to the right page when the rules hold, so a merge that was interrupted can be begun again.
   */
  async merge(deed: Deed): Promise<MergedPages> {
    const result: MergedPages = { merged: 0, left: 0, problems: [] }
    for await (const { changed } of this.#slices()) {
      if (changed.length > 0) await this.#mergeSlice(changed, deed, result)
    }
    return result
  }

  async #mergeSlice(changed: ChangedPage[], deed: Deed, result: MergedPages): Promise<void> {
    try {
      await this.#admin.change(await this.#changes(changed, deed.at), deed)
      result.merged += changed.length
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'unavailable') throw error
      const [only] = changed
      if (only && changed.length === 1) {
        result.left += 1
        if (result.left <= MAX_LISTED) result.problems.push({ ...only, problem: error.message })
        return
      }
      // One that cannot be merged shall not keep the others from it.
      for (const each of changed) await this.#mergeSlice([each], deed, result)
    }
  }

  /** A page that becomes an unknown one is renamed. */
  async #changes(changed: readonly ChangedPage[], at: number): Promise<Change[]> {
    const today = { from: hourOf(at), to: hourOf(at) + 1 }
    const known = new Set<PageKey>()
    const changes: Change[] = []
    for (const { page, becomes } of changed) {
      const isKnown = known.has(becomes) || (await this.#admin.page(becomes, today)) !== null
      known.add(becomes)
      changes.push(
        isKnown
          ? { page, action: 'merge', into: becomes }
          : { page, action: 'rename', to: becomes, alias: true },
      )
    }
    return changes
  }

  async *#slices(): AsyncGenerator<{ known: number; changed: ChangedPage[] }> {
    for (let after: string | null = ''; after !== null; await pause(PAUSE_MS)) {
      const { keys, next } = await this.#admin.pageKeys(after, SLICE)
      const changed = keys.flatMap((page) => {
        const { page: becomes, steps } = this.#rewriter.rewrite(page)
        const isMeant = becomes !== page && steps.some(({ rule }) => this.#meant.has(rule))
        return isMeant ? [{ page, becomes }] : []
      })
      yield { known: keys.length, changed }
      after = next
    }
  }
}
