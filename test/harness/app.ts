import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { readSettings } from '../../config.ts'
import { checks } from '../../src/checks.ts'
import type { PageKey } from '../../src/page.ts'
import type { Recognition } from '../../src/recognition.ts'
import { startService } from '../../src/service.ts'
import type { Store, TopQuery } from '../../src/store.ts'
import type { Span } from '../../src/time.ts'
import type { Token } from '../../src/token.ts'
import { until } from './until.ts'

/** A point in time for tests, at a full hour UTC. */
export const T0 = Date.UTC(2026, 0, 15, 12)

export interface TestApp {
  app: FastifyInstance
  store: Store
  databaseFile: string
  /** The address at which it listens: 127.0.0.1, unless HOST says otherwise. */
  origin: string
  port: number
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

/** A page's visits by hour and outcome; the outcomes of an hour in alphabetical order. */
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

/** A test, or all tests of a file: when it ends, it calls the functions that it was given. */
export interface Scope {
  after(end: () => unknown): void
}

/**
 * The scope of things that all tests of a file share. It ends with the process: output of one file while the tests of another
 * run would count as a part of those. The first call of `after` must come before any test.
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

/** Makes a folder that is removed when the test ends. */
export function temporaryFolder(t: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallymark-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/**
 * Starts the service with a temporary database and these environment variables. It ends with the test.
 * @param template an operator's own badge, as SVG
 */
export async function build(
  t: Scope,
  env: Record<string, string> = {},
  template?: string,
): Promise<TestApp> {
  const folder = temporaryFolder(t)
  const databaseFile = join(folder, 'test.db')
  const templateFile = join(folder, 'template.svg')
  if (template !== undefined) writeFileSync(templateFile, template)
  const settings = readSettings(checks, {
    ...{ HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent', DATABASE_FILE_PATH: databaseFile },
    ...(template !== undefined && { BADGE_TEMPLATE_FILE: templateFile }),
    ...env,
  })
  const clock = { now: T0 }
  const { app, store, recognition, address, close } = await startService(settings, () => clock.now)
  t.after(close)
  return {
    ...{ app, store, recognition, databaseFile, clock },
    origin: address,
    port: Number(new URL(address).port),
    get: (url, headers = {}) => inject(app, { method: 'GET', url, headers }),
  }
}

/** The top lists as they are now. The service reads them when it begins to listen, and keeps them for 15 seconds. */
export async function freshLists({ get, clock }: TestApp) {
  type Lists = Record<'hosts' | 'pages', { name: string; hits: number }[]>
  let lists: Lists = { hosts: [], pages: [] }
  await get('/top.json')
  clock.now += 15_000
  await until(async () => {
    lists = (await get('/top.json')).json()
    return lists.hosts.length > 0
  })
  return lists
}

/** Has each error that a request logs go to `report`, in place of the log. */
export function onErrorLogged({ log }: FastifyInstance, report: (line: unknown[]) => void): void {
  const child = log.child.bind(log)
  log.child = (...context) => {
    const ofRequest = child(...context)
    ofRequest.error = (...line: unknown[]) => report(line)
    return ofRequest
  }
}

/** The `name=value` of the window cookie that an answer sets, ready for a Cookie header. */
export function cookieOf(response: { headers: Record<string, unknown> }): string {
  return String(response.headers['set-cookie'] ?? '').split(';', 1)[0] ?? ''
}
