import { EventEmitter } from 'node:events'
import type { FastifyBaseLogger } from 'fastify'
import type { Settings } from '../../config.ts'
import type { Rule } from '../admin.ts'
import { compileRules, type Rulebook, type RuleSettings } from '../rules.ts'
import type { Store } from '../store.ts'
import type { AppParts } from './app.ts'

/** How often the database is asked whether an operator has changed something, on this service or another one. */
const POLL_MS = 1000

/** The lists of config.ts. */
function ruleSettings({ http, visits, pages }: Settings): RuleSettings {
  return {
    lists: {
      ban: http.banned,
      exclude: visits.excluded,
      'untracked-agent': visits.untrackedAgents,
      'untracked-page': pages.untracked,
      'deny-page': pages.deny,
      'allow-page': pages.allow,
    },
    keepQuery: pages.keepQuery,
  }
}

/** A rule that does not hold, although it is kept. */
interface InvalidRule {
  rule: Rule
  /** What is wrong with it, as an error says it. */
  why: string
}

type WatcherParts = Pick<AppParts, 'settings' | 'store' | 'now'> & { log: FastifyBaseLogger }

/**
 * Keeps what operators change in the database up to date on this service. Emits `rules` with the new lists when they have
 * changed, and `pages` when an operator has changed a page.
 */
export class Watcher extends EventEmitter<{ rules: [Rulebook]; pages: [] }> {
  /** The lists of config.ts and the rules that hold now. */
  book: Rulebook
  /** The rules that `book` leaves out. */
  invalid: readonly InvalidRule[] = []
  /** The lists of config.ts alone. */
  readonly settings: RuleSettings
  readonly #store: Store
  readonly #now: () => number
  readonly #log: FastifyBaseLogger
  #rulesVersion = -1
  #pagesVersion = -1
  /** When the first of the rules ends. */
  #nextEnd = Number.POSITIVE_INFINITY
  #looking: Promise<void> | null = null
  #failed = false
  #ended = false
  #timer: NodeJS.Timeout | undefined

  /** Rejects with Refusal `unavailable` if the rules cannot be read. */
  static async start(parts: WatcherParts): Promise<Watcher> {
    const watcher = new Watcher(parts, await compileRules(ruleSettings(parts.settings), []))
    await watcher.look()
    return watcher
  }

  private constructor({ settings, store, now, log }: WatcherParts, book: Rulebook) {
    super()
    this.settings = ruleSettings(settings)
    this.#store = store
    this.#now = now
    this.#log = log
    this.book = book
  }

  /** Looks once a second from now on. */
  begin(): void {
    this.#timer = setInterval(() => this.#poll(), POLL_MS)
  }

  end(): void {
    this.#ended = true
    clearInterval(this.#timer)
  }

  /**
   * Has changes that are in the database hold on this service when it resolves.
   * @throws Refusal `unavailable`
   */
  async look(): Promise<void> {
    // One that has begun may have read the versions before the change.
    await this.#looking?.catch(() => {})
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
    })
    await this.#looking
  }

  /** While it fails, the old rules hold. */
  async #poll(): Promise<void> {
    if (this.#looking) return
    try {
      await this.look()
      this.#failed = false
    } catch (err) {
      // What the end of the service interrupts has not failed.
      const isNew = !this.#failed && !this.#ended
      if (isNew)
        this.#log.error({ err }, 'changes by operators could not be read; the old rules hold')
      this.#failed = true
    }
  }

  async #look(): Promise<void> {
    const { pages, rules } = await this.#store.admin.versions()
    if (rules !== this.#rulesVersion || this.#now() >= this.#nextEnd) await this.#loadRules()
    const isFirst = this.#pagesVersion < 0
    const isChanged = pages !== this.#pagesVersion
    this.#pagesVersion = pages
    if (isChanged && !isFirst) this.emit('pages')
  }

  async #loadRules(): Promise<void> {
    const { version, rules } = await this.#store.admin.rules(this.#now())
    const ends = rules.flatMap(({ endsAt }) => endsAt ?? [])
    const { book, invalid } = await this.#compile(rules)
    this.book = book
    this.invalid = invalid
    this.#rulesVersion = version
    this.#nextEnd = ends.reduce((first, end) => Math.min(first, end), Number.POSITIVE_INFINITY)
    this.emit('rules', this.book)
  }

  /** Rules are checked before they are kept. One that an earlier version allowed may be invalid all the same. */
  async #compile(rules: readonly Rule[]): Promise<{ book: Rulebook; invalid: InvalidRule[] }> {
    try {
      return { book: await compileRules(this.settings, rules), invalid: [] }
    } catch {
      const valid: Rule[] = []
      const invalid: InvalidRule[] = []
      for (const rule of rules) {
        try {
          await compileRules(this.settings, [rule])
          valid.push(rule)
        } catch (error) {
          const why = (error as Error).message
          invalid.push({ rule, why })
          this.#log.error(`entry ${rule.id} of the lists is left out: ${why}`)
        }
      }
      return { book: await compileRules(this.settings, valid), invalid }
    }
  }
}
