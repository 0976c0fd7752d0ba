import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError, type Settings } from '../../config.ts'
import { originOf } from '../address.ts'
import { databaseName } from '../database/options.ts'
import type { Database } from '../database/postgres/open.ts'
import { HOUR_MS } from '../time.ts'
import { type Output, quoted } from './usage.ts'

/** Free room on the disk below which a fault is reported, in bytes. */
const MIN_FREE_BYTES = 200_000_000
/** How far the clocks of this machine and of the database server may differ, in ms. */
const MAX_SKEW_MS = 5000
/** How long the service may take to answer, in ms. */
const ANSWER_MS = 5000
/** When this was written: no clock that is right shows an earlier time. */
const MIN_TIME = Date.UTC(2026, 0)
const LOCAL = /^(localhost|127\.|\[?::1|0\.0\.0\.0|\[?::\]?$)/

interface Finding {
  name: 'settings' | 'database' | 'clock' | 'service' | 'address' | 'cookie'
  ok: boolean
  /** The result of the check. */
  says: string
  /** How to mend a fault. */
  advice?: string
}

const ok = (name: Finding['name'], says: string): Finding => ({ name, ok: true, says })
const fault = (name: Finding['name'], says: string, advice?: string): Finding => ({
  name,
  ok: false,
  says,
  ...(advice !== undefined && { advice }),
})

/** The answer of `/me.json`: the request for it, as the service saw it. */
interface Seen {
  scheme: string
  host: string
  address: string
  cookie: string
}

/**
 * `check`: looks for faults of an instance.
 * @param settings reads the settings; a ConfigError becomes a finding
 * @returns the exit code
 */
export async function runCheck(
  { url, json }: { url?: string; json?: true },
  settings: () => Promise<Settings>,
  now: () => number,
  { print }: Pick<Output, 'print'>,
): Promise<number> {
  const findings = await findAll(url, settings, now)
  if (json) print(JSON.stringify(findings))
  else for (const finding of findings) print(format(finding))
  return findings.every(({ ok }) => ok) ? 0 : 1
}

function format({ name, ok, says, advice }: Finding): string {
  const line = `${(ok ? 'ok' : 'FAULT').padEnd(7)}${name.padEnd(9)} ${says}`
  return advice === undefined ? line : `${line}\n${' '.repeat(17)}${advice}`
}

async function findAll(
  url: string | undefined,
  settings: () => Promise<Settings>,
  now: () => number,
): Promise<Finding[]> {
  let read: Settings
  try {
    read = await settings()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [fault('settings', error.message)]
  }
  const { http, database } = read
  return [
    ok('settings', 'all are right'),
    ...(await (database.url === undefined
      ? checkFile(database.file, now())
      : checkServer(database.url, now))),
    ...(database.readUrl === undefined ? [] : await checkReplica(database.readUrl)),
    ...(await checkService(url ?? http.publicUrl ?? originOf(http.host, http.port))),
  ]
}

async function checkFile(file: string, now: number): Promise<Finding[]> {
  const name = databaseName(undefined, file)
  const { checkDatabase, explainFailure, fileAbove, nearest } = await import(
    '../database/sqlite/condition.ts'
  )
  const { openToRead } = await import('../database/sqlite/readable.ts')
  try {
    if (!existsSync(file)) {
      const folder = dirname(name)
      const above = fileAbove(folder)
      const advice = 'Let DATABASE_FILE_PATH name another file.'
      if (above !== null)
        return [fault('database', `${name}: ${above} is a file, not a folder`, advice)]
      // The right to enter it, too: without that, a file in it seems to be missing.
      accessSync(nearest(folder), constants.W_OK | constants.X_OK)
      return [ok('database', `${name}: is not there yet; the first start makes it`)]
    }
    const content = checkDatabase(file)
    for (const path of [file, dirname(name)]) accessSync(path, constants.W_OK)
    if (content === 'nothing')
      return [ok('database', `${name}: is empty; the first start makes its tables`)]
    const { driver, close } = openToRead(file)
    try {
      const damage = driver.pragma('integrity_check(1)', { simple: true })
      if (damage !== 'ok') {
        const advice = 'Restore a backup, or save what can be read with .recover.'
        return [fault('database', `${name}: is damaged (${damage})`, advice)]
      }
      const newest = Number(driver.prepare('select max(hour) from page_hour').pluck().get() ?? 0)
      const { bavail, bsize } = statfsSync(dirname(name))
      const free = bavail * bsize
      const sizes = `${megabytes(statSync(file).size)}, ${megabytes(free)} free on its disk`
      const advice = 'Make room: visits are refused when the disk is full.'
      return [
        free < MIN_FREE_BYTES
          ? fault('database', `${name}: ${sizes}`, advice)
          : ok('database', `${name}: whole, ${sizes}`),
        checkClock(now, newest * HOUR_MS, 'the newest visit'),
      ]
    } finally {
      close()
    }
  } catch (error) {
    const reason = explainFailure(error, file)
    if (reason === null) throw error
    return [fault('database', `${name}: ${reason}`)]
  }
}

function checkServer(url: string, now: () => number): Promise<Finding[]> {
  return withServer(url, async (db) => {
    const { isCurrent, sizeAndTime } = await import('../database/postgres/open.ts')
    const version = (await isCurrent(db))
      ? 'of this version'
      : 'of an earlier version; the next start brings it up to date'
    const before = now()
    const { bytes, time } = await sizeAndTime(db)
    const ours = (before + now()) / 2
    return [
      ok('database', `${databaseName(url, '')}: answers, ${version}, ${megabytes(bytes)}`),
      checkClock(ours, time, 'the clock of the database server', MAX_SKEW_MS),
    ]
  })
}

const checkReplica = (url: string) =>
  withServer(
    url,
    async (db) => {
      const { sizeAndTime } = await import('../database/postgres/open.ts')
      const { bytes } = await sizeAndTime(db)
      return [ok('database', `${databaseName(url, '')}: answers, a replica, ${megabytes(bytes)}`)]
    },
    'DATABASE_READ_URL says where the replica is.',
  )

/** Checks a database on a server. If the check fails, its finding explains the failure. */
async function withServer(
  url: string,
  check: (db: Database) => Promise<Finding[]>,
  advice?: string,
): Promise<Finding[]> {
  const { connectKysely } = await import('../database/postgres/open.ts')
  const { explainFailure } = await import('../database/postgres/failures.ts')
  const db = connectKysely(url)
  try {
    return await check(db)
  } catch (error) {
    const reason = explainFailure(error)
    if (reason === null) throw error
    return [fault('database', `${databaseName(url, '')}: ${reason}`, advice)]
  } finally {
    await db.destroy()
  }
}

/**
 * Checks this machine's clock against another moment.
 * @param source where the other moment comes from
 * @param skew how far they may differ, in ms; without it, the clock must only not be before the other moment
 */
function checkClock(now: number, other: number, source: string, skew?: number): Finding {
  const says = new Date(now).toISOString()
  const isWrong =
    now < MIN_TIME || (skew === undefined ? now < other : Math.abs(now - other) > skew)
  if (!isWrong) return ok('clock', says)
  return fault(
    'clock',
    `${says}, but ${source} says ${new Date(other).toISOString()}`,
    'Set the clock, and let NTP keep it: hits are counted in the hour that the clock shows.',
  )
}

async function checkService(url: string): Promise<Finding[]> {
  const base = url.endsWith('/') ? url : `${url}/`
  let seen: Seen
  try {
    const reply = await fetch(new URL('me.json', base), {
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    if (reply.status !== 200) throw new Error(`it answers ${reply.status}`)
    seen = readSeen(await reply.json())
  } catch (error) {
    const { cause = error } = error as { cause?: unknown }
    const { message, code } = cause as NodeJS.ErrnoException
    const advice = 'Start the service, or say with --url where it is reached.'
    return [fault('service', `${url} cannot be reached: ${message || code}`, advice)]
  }
  const { protocol, host, hostname } = new URL(base)
  const scheme = protocol.slice(0, -1)
  const isPublic = !LOCAL.test(host) && !isPrivate(hostname.replace('[', ''))
  return [
    ok('service', `${url} answers`),
    seen.scheme === scheme && seen.host === host
      ? ok('address', `requests arrive as ${seen.scheme}://${seen.host}`)
      : fault(
          'address',
          `a request for ${scheme}://${host} arrives as one for ${seen.scheme}://${seen.host}`,
          'Let the proxy hand on Host with its port and X-Forwarded-Proto, and set TRUST_PROXY to its address.',
        ),
    isPublic && isPrivate(seen.address)
      ? fault(
          'address',
          `the service takes ${seen.address} for the address of this visitor`,
          'Let the proxy hand on X-Forwarded-For, and set TRUST_PROXY to its address.',
        )
      : ok('address', `this visitor comes from ${seen.address}`),
    scheme === 'https' && !/\bSecure\b/.test(seen.cookie)
      ? fault(
          'cookie',
          `a window's cookie is ${seen.cookie}: browsers drop it on pages of other sites`,
          'Let the proxy hand on X-Forwarded-Proto, and set TRUST_PROXY to its address.',
        )
      : ok('cookie', `a window's cookie is ${seen.cookie}`),
  ]
}

/** The reply comes from whatever answers at that address, so nothing in it may control the terminal. @throws Error */
function readSeen(reply: unknown): Seen {
  const read = (name: keyof Seen): string => {
    const value = (reply as Partial<Record<string, unknown>> | null)?.[name]
    if (typeof value !== 'string') throw new Error('it does not answer as Tallymark does')
    return quoted(value).slice(1, -1)
  }
  return {
    scheme: read('scheme'),
    host: read('host'),
    address: read('address'),
    cookie: read('cookie'),
  }
}

const isPrivate = (address: string) =>
  /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd]|fe80)/i.test(address)

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`
