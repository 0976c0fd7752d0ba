import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { readConfig } from '../../config.ts'
import { createBadges } from '../../src/badge/badge.ts'
import { readOwnFaces } from '../../src/badge/digits/own.ts'
import { createCounter } from '../../src/counter.ts'
import { storeOptions } from '../../src/database/options.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { buildApp } from '../../src/http/app.ts'
import type { PageKey } from '../../src/page.ts'
import { Recognition, recognitionOptions } from '../../src/recognition.ts'
import type { Store, TopQuery } from '../../src/store.ts'
import type { Span } from '../../src/time.ts'
import { secretMaker, type Token } from '../../src/token.ts'

/** A point in time for tests, at a full hour UTC. */
export const T0 = Date.UTC(2026, 0, 15, 12)

export interface TestApp {
  app: FastifyInstance
  store: Store
  databaseFile: string
  /** The clock that everything in the app reads. */
  clock: { now: number }
  recognition: Recognition
  get(url: string, headers?: Record<string, string>): ReturnType<typeof inject>
}

/** Lists that leave nothing out. */
export const ALL: TopQuery = { hosts: 9, pages: 9, rules: { allow: [], deny: [] }, ignore: [] }

export async function readCount(store: Store, page: string): Promise<number> {
  return (await store.readPage(page as PageKey, null, 0)).count
}

export async function isLive(store: Store, page: PageKey, token: Token, now: number) {
  return (await store.readPage(page, token, now)).liveUntil !== null
}

/** A page's hits in a span of hours. */
export async function sumOf(store: Store, page: PageKey, span: Span): Promise<number> {
  return (await store.sums(page, [span]))[0] as number
}

/** What became of a page's visits, hour by hour, outcomes in alphabetical order. */
export async function historyOf(store: Store, page: PageKey, { from, to }: Span) {
  const hours = Array.from({ length: to - from }, (_, after) => from + after)
  const tallies = await store.history(
    page,
    hours.map((hour) => ({ from: hour, to: hour + 1 })),
  )
  return tallies.flatMap((ofHour, at) =>
    ofHour
      .toSorted((a, b) => (a.outcome < b.outcome ? -1 : 1))
      .map((tally) => ({ hour: hours[at] as number, ...tally })),
  )
}

function inject(app: FastifyInstance, options: InjectOptions) {
  return app.inject(options)
}

/** Whatever something ends with: a test, or all tests of a file. */
export interface Scope {
  after(end: () => unknown): void
}

/**
 * For what all tests of a file may share, as it remembers nothing of them. It ends with the process: what a file says
 * while the tests of another one run, Node takes for a part of those. Only the first call has to come before any test.
 */
export const FILE: Scope = {
  after(end) {
    if (ends.length === 0) {
      after(async () => {
        for (const end of ends.reverse()) await end()
      })
    }
    ends.push(end)
  },
}
const ends: (() => unknown)[] = []

/** A folder that goes away with the test. */
export function temporaryFolder(t: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallymark-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The whole service on a temporary database, with these environment variables set; ends with the test. */
export async function build(
  t: Scope,
  env: Record<string, string> = {},
  template?: string,
): Promise<TestApp> {
  const folder = temporaryFolder(t)
  const databaseFile = join(folder, 'test.db')
  const config = readConfig({}, { LOG_LEVEL: 'silent', ...env })
  const clock = { now: T0 }
  const store = await openSqliteStore(databaseFile, storeOptions(config))
  const recognition = new Recognition(recognitionOptions(config))
  const app = await buildApp({
    config,
    store,
    counter: createCounter(store, {
      windowSeconds: config.WINDOW_SECONDS,
      newSecret: secretMaker(config.TOKEN_LENGTH),
      recognition,
    }),
    badges: createBadges({
      label: config.BADGE_LABEL,
      color: config.BADGE_COLOR,
      ...(config.FACES_DIR && { faces: readOwnFaces(config.FACES_DIR) }),
      ...(template !== undefined && { template }),
    }),
    now: () => clock.now,
  })
  t.after(async () => {
    await app.close()
    await store.close()
  })
  return {
    app,
    store,
    databaseFile,
    clock,
    recognition,
    get: (url, headers = {}) => inject(app, { method: 'GET', url, headers }),
  }
}

/** The `name=value` of the window cookie that an answer sets, ready for a Cookie header. */
export function cookieOf(response: { headers: Record<string, unknown> }): string {
  return String(response.headers['set-cookie'] ?? '').split(';', 1)[0] ?? ''
}
