import { type AddressInfo, createServer } from 'node:net'
import { resolve } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Settings } from '../config.ts'
import { originOf } from './address.ts'
import { createBadges } from './badge/badge.ts'
import type { Face } from './badge/digits/face.ts'
import type { Template } from './badge/template.ts'
import { databaseName } from './database/options.ts'
import { keepHouse, sweepAll } from './housekeeping.ts'
import { buildApp } from './http/app.ts'
import { LiveVisits } from './live.ts'
import { Recognition } from './recognition.ts'
import { Refusal, StartError } from './refusal.ts'
import type { Store } from './store.ts'
import { Counter } from './visit.ts'

/** How long the service waits for unfinished replies when it ends, in ms. */
const STOP_MS = 3000
/** How long the database's file may be missing before the service ends, in ms. */
const LOST_MS = 3000
/** How long opening the database may take before a line says so, in ms. */
const NOTICE_MS = 1500
/** How long a failed start may take to close the parts that it has opened, in ms. */
const CLEANUP_MS = 500

/** The settings of a service: files that they name have been read. */
export type ServiceSettings = Settings<Template, ReadonlyMap<string, Face>>

export interface Service {
  app: FastifyInstance
  store: Store
  recognition: Recognition
  /** The address at which it listens, such as `http://localhost:8080`. */
  address: string
  /** Resolves with the reason when the service cannot go on and has to be closed. */
  broken: Promise<string>
  /**
   * Answers the requests that have begun, writes what waits, and closes.
   * @throws Error if the store could not write everything; no hit that was answered is lost by that
   */
  close(): Promise<void>
}

/**
 * Starts the service: it listens, counts and keeps house when this resolves. If a step fails, everything that the steps
 * before it have opened is closed again.
 * @param now the clock: milliseconds since 1970, UTC
 * @param say is called with lines for the person who starts the service
 * @throws StartError if a person can mend the fault
 */
export async function startService(
  settings: ServiceSettings,
  now: () => number,
  say: (line: string) => void = () => {},
): Promise<Service> {
  const closers: (() => Promise<void>)[] = []
  let closing: Promise<void> | null = null
  const close = () => {
    closing ??= closeAll()
    return closing
  }
  /** Closes everything that is open, last first, even if one of the closers fails. */
  async function closeAll(): Promise<void> {
    clearTimeout(ending)
    const failures: unknown[] = []
    while (closers.length > 0)
      await closers
        .pop()?.()
        .catch((error) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }

  const broken = Promise.withResolvers<string>()
  let log: FastifyInstance['log'] | undefined
  let isLost = false
  let ending: NodeJS.Timeout | undefined
  function onLost(reason: string | null): void {
    clearTimeout(ending)
    isLost = reason !== null
    if (reason === null) {
      log?.warn('the database is back, and visits are counted again')
      return
    }
    log?.error(`${reason}: no visit is counted, and the service ends if it does not come back`)
    ending = setTimeout(() => broken.resolve(reason), LOST_MS)
  }

  try {
    await tryPort(settings)
    const store = await openStore(settings, now, onLost, say)
    closers.push(() => store.close())
    const { http, visits, history, badge, admin } = settings
    const { windowMs } = visits
    await store.capWindows(now() + windowMs)
    if (windowMs === 0) await sweepAll(store, windowMs, now())
    const recognition = new Recognition(visits)
    const live = new LiveVisits()
    const counter = new Counter(store, recognition, visits, live)
    const badges = createBadges(badge)
    const app = await buildApp({ settings, store, counter, live, badges, now })
    log = app.log
    closers.push(() => closeApp(app))
    const stopHousekeeping = keepHouse(store, {
      windowMs,
      ...history,
      purgeDays: admin.purgeDays,
      recognition,
      now,
      // One line has already said that the database is lost.
      onError: (error, message) => isLost || app.log.error({ err: error }, message),
    })
    closers.push(async () => stopHousekeeping())
    await listening(() => app.listen({ host: http.host, port: http.port }))
    const { port } = app.server.address() as AddressInfo
    const address = originOf(http.host, port)
    return { app, store, recognition, address, broken: broken.promise, close }
  } catch (error) {
    const tooLong = new Promise<void>((resolve) => setTimeout(resolve, CLEANUP_MS).unref())
    // The person sees the first failure, not one that it caused.
    await Promise.race([close().catch(() => {}), tooLong])
    throw await asStartError(error, settings)
  }
}

/** Tries to listen before a database is made: a service that does not start shall leave no new file. */
async function tryPort({ http: { host, port } }: ServiceSettings): Promise<void> {
  await listening(async () => {
    const server = createServer()
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, resolve)
    })
    await new Promise((resolve) => server.close(resolve))
  })
}

/** @throws StartError if it fails */
async function listening(listen: () => Promise<unknown>): Promise<void> {
  try {
    await listen()
  } catch (error) {
    const { message } = error as Error
    if (isOutOfFiles(message)) throw error
    throw new StartError(`Tallymark cannot listen: ${message}. HOST and PORT say where.`, {
      cause: error,
    })
  }
}

async function openStore(
  { database: { file, url, readUrl, options } }: ServiceSettings,
  now: () => number,
  onLost: (reason: string | null) => void,
  say: (line: string) => void,
): Promise<Store> {
  const waiting = setTimeout(() => {
    say(
      `Tallymark waits for its database ${databaseName(url, file)}: ` +
        (url === undefined
          ? 'another process is using it. Tallymark starts when that is done, and gives up after a minute.'
          : 'its server does not answer yet, or another process is bringing it up to date. Tallymark starts when it can use it.'),
    )
  }, NOTICE_MS)
  try {
    if (url !== undefined) {
      const { openPostgresStore } = await import('./database/postgres.ts')
      return await openPostgresStore(url, { ...options, readUrl, now })
    }
    const { openSqliteStore } = await import('./database/sqlite.ts')
    return await openSqliteStore(file, options, onLost)
  } finally {
    clearTimeout(waiting)
  }
}

/** The failure as one line, if a person can do something about it; otherwise the error itself. */
async function asStartError(
  error: unknown,
  { database: { file, url } }: ServiceSettings,
): Promise<unknown> {
  if (error instanceof StartError) return error
  const cause = (error instanceof Refusal && error.cause) || error
  const { message } = cause as Error
  if (isOutOfFiles(message)) {
    return new StartError(
      `Tallymark cannot start: it may open too few files (${message}). Raise the limit: ulimit -n, or LimitNOFILE of ` +
        'its unit.',
      { cause },
    )
  }
  const reason =
    url === undefined
      ? (await import('./database/sqlite/condition.ts')).explainFailure(cause, resolve(file))
      : (await import('./database/postgres/failures.ts')).explainFailure(cause)
  if (reason === null) return cause
  return new StartError(
    `Tallymark cannot use its database ${databaseName(url, file)}: ${reason}.`,
    {
      cause,
    },
  )
}

/** Node and SQLite report this by a code, by a sentence, or by a code within a sentence. */
const isOutOfFiles = (message: string) => /\bE[MN]FILE\b|too many open files/.test(message)

async function closeApp(app: FastifyInstance): Promise<void> {
  // A request whose client never finishes it would delay the end for ever.
  const forceClose = setTimeout(() => app.server.closeAllConnections(), STOP_MS)
  await app.close().finally(() => clearTimeout(forceClose))
}
