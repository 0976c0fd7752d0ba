import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { BUSY_MS } from './connection.ts'
import { MIGRATIONS } from './migrations.ts'
import { hasLog, headerOf, type Readable } from './readable.ts'

/** Why a file cannot be used. Its message says that and what to do, as the end of a sentence that names the file. */
export class WrongFile extends Error {
  readonly reason: string

  constructor(reason: string, advice: string) {
    super(`${reason}; ${advice}`)
    this.reason = reason
  }
}

/**
 * Identifies Tallymark's files to `file` and other programs, in their header: "Tlly" in ASCII. No other program in
 * SQLite's list of such numbers, magic.txt, uses it.
 */
export const APPLICATION_ID = 0x546c6c79

/**
 * What a file contains, by its header and tables. `unreadable`: this user cannot read it; the caller gets the error when it
 * opens the file.
 */
export type Content = 'nothing' | 'tallymark' | 'newer' | 'hit-counter' | 'other' | 'unreadable'

/**
 * Finds out what a file contains, without changing it.
 * @param open opens it for reading
 * @throws WrongFile if it is not a complete SQLite database, and what SQLite throws
 */
export function recognise(
  file: string,
  open: (file: string) => Pick<Readable, 'driver' | 'close'>,
): Content {
  try {
    const found = statSync(file, { throwIfNoEntry: false })
    if (found === undefined || found.size === 0) return 'nothing'
    if (found.isDirectory()) throw new WrongFile('it is a folder', 'name a file in it')
    checkHeader(file, found.size)
    const { driver, close } = open(file)
    try {
      return contentOf(driver)
    } finally {
      close()
    }
  } catch (error) {
    const { code = '' } = error as { code?: string }
    if (CANNOT_WRITE.test(code)) return 'unreadable'
    throw error
  }
}

function contentOf(driver: Database.Database): Content {
  const id = driver.pragma('application_id', { simple: true })
  if (id !== 0 && id !== APPLICATION_ID) return 'other'
  const read = (sql: string) => driver.prepare<[], string>(sql).pluck().all()
  const tables = read("select name from sqlite_schema where type = 'table'")
  if (tables.length === 0) return 'nothing'
  if (tables.includes('tally') && tables.includes('kysely_migration')) {
    const done = read('select name from kysely_migration')
    return done.every((name) => Object.hasOwn(MIGRATIONS, name)) ? 'tallymark' : 'newer'
  }
  const columns = read("select name from pragma_table_info('url')")
  return columns.join() === 'id,url,count' ? 'hit-counter' : 'other'
}

/** @throws WrongFile */
function checkHeader(file: string, size: number): void {
  const { isDatabase, bytes } = headerOf(file)
  if (!isDatabase)
    throw new WrongFile('it is no SQLite database', `name another file, or ${RESTORE}`)
  // Missing blocks may be in the log.
  if (size < bytes && !hasLog(file)) {
    const [there, whole] = [size, bytes].map((value) => value.toLocaleString('en'))
    throw new WrongFile(`it is cut short: ${there} bytes are there of ${whole}`, saveFrom(file))
  }
}

/** Why a file with this content cannot become the database, and what to do. */
const UNFIT: Partial<Record<Content, (file: string) => [reason: string, advice: string]>> = {
  newer: () => [
    'a newer version of Tallymark has written it',
    `run that version again, or ${RESTORE} from before`,
  ],
  'hit-counter': (file) => [
    "it is hit-counter's database, and stays as it is",
    `let DATABASE_FILE_PATH name another file, and bring its numbers there: npm run import -- hit-counter ${resolve(file)}`,
  ],
  other: () => [
    "it is another program's database, and stays as it is",
    'let DATABASE_FILE_PATH name another file',
  ],
}

/**
 * Checks that a file is Tallymark's database, or can become it.
 * @param busyMs how long to wait for another process that holds the file
 * @returns what it contains
 * @throws WrongFile before anything is changed
 */
export function checkDatabase(file: string, busyMs = BUSY_MS): Content {
  const content = recognise(file, () => {
    const driver = new Database(file, { readonly: true, fileMustExist: true, timeout: busyMs })
    return { driver, close: () => void driver.close() }
  })
  const unfit = UNFIT[content]?.(file)
  if (unfit) throw new WrongFile(...unfit)
  return content
}

/** Whether the failure means that the file is damaged. */
export const isDamaged = (error: unknown) =>
  IS_DAMAGED.test(String((error as { code?: unknown }).code))

/** Whether the failure only means that another process holds the file. */
export const isHeld = (error: unknown) => IS_HELD.test(String((error as { code?: unknown }).code))

/** How long the search for damage may take, in ms: enough for some hundreds of MB that are in the system's cache. */
const CHECK_MS = 2000
const CHECK_PROGRAM = join(import.meta.dirname, 'check-child.ts')

/**
 * Searches a database for damage with SQLite's own check, as far as it gets in `CHECK_MS`. The check runs in a process
 * of its own, because SQLite cannot be interrupted within a thread.
 * @throws WrongFile if there is damage
 */
export async function quickCheck(file: string): Promise<void> {
  const found = await new Promise<string>((resolve) => {
    const options = { timeout: CHECK_MS, killSignal: 'SIGKILL' } as const
    execFile(process.execPath, [CHECK_PROGRAM, file], options, (error, output, stderr) => {
      // If the check takes too long, or its process cannot be started, the service starts without it.
      if (error === null) resolve(output)
      else resolve(/SQLITE_CORRUPT/.test(stderr) ? 'database disk image is malformed' : 'ok')
    })
  })
  if (found !== 'ok') {
    throw new WrongFile(`it is damaged (${found.replaceAll(/\s+/g, ' ')})`, saveFrom(file))
  }
}

const CANNOT_WRITE = /^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|EACCES|EPERM|EROFS)/
const IS_FULL = /^(SQLITE_FULL|SQLITE_IOERR_SHM|ENOSPC|EDQUOT)/
const IS_DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/
const NO_FOLDER = /^(ENOTDIR|EEXIST|ENAMETOOLONG|ELOOP)/
const IS_HELD = /^SQLITE_(BUSY|LOCKED)/

/** What a failure of SQLite or of its file means, and what to do; null for other failures. */
export function explainFailure(error: unknown, file: string): string | null {
  if (error instanceof WrongFile) return error.message
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (typeof code !== 'string') return null
  const folder = dirname(resolve(file))
  if (code.startsWith('SQLITE_CANTOPEN') && mayUse(folder) && mayUse(file)) {
    return `it cannot be opened (${message}); this process may open too few files (ulimit -n, or LimitNOFILE of the unit)`
  }
  if (NO_FOLDER.test(code)) {
    const above = fileAbove(folder)
    const reason = above === null ? message : `${above} is a file, not a folder`
    return `${reason}; let DATABASE_FILE_PATH name another file`
  }
  if (CANNOT_WRITE.test(code)) {
    const companion = ['-wal', '-shm'].map((end) => file + end).find((path) => !mayUse(path))
    if (companion !== undefined && mayUse(file)) {
      return `this user may not write to ${companion}, which another user's start has left there; give it to the owner of the database`
    }
    if (/ mkdir /.test(String(message)))
      return `its folder ${folder} does not exist, and this user may not make it (${message}); make it for this user, or let DATABASE_FILE_PATH name another file`
    return `this user may not write to it or in its folder, ${folder} (${message}); run this as the user who owns both`
  }
  if (IS_FULL.test(code)) return `the disk is full (${message}); make room and run this again`
  if (IS_DAMAGED.test(code)) return `it is damaged (${message}); ${saveFrom(file)}`
  if (IS_HELD.test(code))
    return `another process holds it (${message}); run this again when that is done`
  return code.startsWith('SQLITE_') ? String(message) : null
}

/** Whether this user may write to a file or in a folder. True if it does not exist. */
function mayUse(path: string): boolean {
  try {
    if (existsSync(path)) accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Finds the file in a path that has to be a folder: `/a/b` if that is a file and `/a/b/c` is given; null if there is none. */
export function fileAbove(folder: string): string | null {
  const found = nearest(folder)
  return statSync(found).isDirectory() ? null : found
}

/** The path, or the nearest one above it that exists and that this user can see. */
export const nearest = (path: string): string =>
  existsSync(path) || path === dirname(path) ? path : nearest(dirname(path))

const RESTORE = 'restore a backup'
const saveFrom = (file: string) =>
  `${RESTORE}, or save what can be read: sqlite3 ${resolve(file)} .recover | sqlite3 saved.db`
