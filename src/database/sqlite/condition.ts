import { execFile } from 'node:child_process'
import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { BUSY_MS } from './connection.ts'
import { MIGRATIONS } from './migrations.ts'
import { hasLog, openToRead, type Readable } from './readable.ts'

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

/** The first bytes of every SQLite file, and where its header has the size of a block, their number, and two counters. */
const MAGIC = 'SQLite format 3\u0000'
const HEADER_BYTES = 100
const BLOCK_SIZE = 16
const CHANGES = 24
const BLOCKS = 28
const VALID_FOR = 92

/** What a file contains, by its header and tables. */
export type Content = 'nothing' | 'tallymark' | 'newer' | 'hit-counter' | 'other'

/**
 * Finds out what a file contains, without changing it.
 * @param busyMs how long to wait for another process that holds the file
 * @param leavesNothing see `openToRead`
 * @throws WrongFile if it is not a complete SQLite database, and what SQLite throws
 */
export function recognise(file: string, busyMs = BUSY_MS, leavesNothing = false): Content {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined || found.size === 0) return 'nothing'
  if (found.isDirectory()) throw new WrongFile('it is a folder', 'name a file in it')
  checkHeader(file, found.size)
  const { driver, close } = leavesNothing ? openToRead(file, true) : openReadonly(file, busyMs)
  try {
    const id = driver.pragma('application_id', { simple: true })
    if (id !== 0 && id !== APPLICATION_ID) return 'other'
    const columns = driver
      .prepare<[string], string>('select name from pragma_table_info(?)')
      .pluck()
    const names = driver
      .prepare("select name from sqlite_schema where type = 'table'")
      .pluck()
      .all()
    if (names.length === 0) return 'nothing'
    if (names.includes('tally') && names.includes('kysely_migration')) {
      const done = driver.prepare('select name from kysely_migration').pluck().all()
      return done.every((name) => Object.hasOwn(MIGRATIONS, String(name))) ? 'tallymark' : 'newer'
    }
    return columns.all('url').join() === 'id,url,count' ? 'hit-counter' : 'other'
  } finally {
    close()
  }
}

function openReadonly(file: string, busyMs: number): Pick<Readable, 'driver' | 'close'> {
  const driver = new Database(file, { readonly: true, fileMustExist: true, timeout: busyMs })
  return { driver, close: () => void driver.close() }
}

/** @throws WrongFile */
function checkHeader(file: string, size: number): void {
  const header = Buffer.alloc(HEADER_BYTES)
  const descriptor = openSync(file, 'r')
  try {
    readSync(descriptor, header)
  } finally {
    closeSync(descriptor)
  }
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new WrongFile('it is no SQLite database', `name another file, or ${RESTORE}`)
  // 1 means 65,536, which does not fit in two bytes.
  const block = header.readUInt16BE(BLOCK_SIZE)
  const whole = header.readUInt32BE(BLOCKS) * (block === 1 ? 65_536 : block)
  // The number of blocks is valid only if both counters are equal. Missing blocks may be in the log.
  const isValid = header.readUInt32BE(CHANGES) === header.readUInt32BE(VALID_FOR)
  if (isValid && !hasLog(file) && size < whole) {
    throw new WrongFile(
      `it is cut short: ${number(size)} bytes are there of ${number(whole)}`,
      saveFrom(file),
    )
  }
}

/**
 * Checks that a file is Tallymark's database, or can become it.
 * @param busyMs how long to wait for another process that holds the file
 * @throws WrongFile before anything is changed
 */
export function checkDatabase(file: string, busyMs = BUSY_MS): void {
  const content = recogniseIfReadable(file, busyMs)
  if (content === 'newer') {
    throw new WrongFile(
      'a newer version of Tallymark has written it',
      `run that version again, or ${RESTORE} from before`,
    )
  }
  if (content === 'hit-counter') {
    throw new WrongFile(
      "it is hit-counter's database, and stays as it is",
      `let DATABASE_FILE_PATH name another file, and bring its numbers there: npm run import -- hit-counter ${resolve(file)}`,
    )
  }
  if (content === 'other') {
    throw new WrongFile(
      "it is another program's database, and stays as it is",
      'let DATABASE_FILE_PATH name another file',
    )
  }
}

/** What a file contains; null if it cannot be read, because then the caller fails in the same way when it opens it. */
export function recogniseIfReadable(
  file: string,
  busyMs = BUSY_MS,
  leavesNothing = false,
): Content | null {
  try {
    return recognise(file, busyMs, leavesNothing)
  } catch (error) {
    const { code = '' } = error as { code?: string }
    if (CANNOT_WRITE.test(code)) return null
    throw error
  }
}

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
  if (code.startsWith('SQLITE_CANTOPEN') && mayWrite(file)) {
    return `it cannot be opened (${message}); this process may open too few files (ulimit -n, or LimitNOFILE of the unit)`
  }
  if (NO_FOLDER.test(code)) return `${message}; let DATABASE_FILE_PATH name another file`
  if (CANNOT_WRITE.test(code)) {
    const companion = ['-wal', '-shm'].map((end) => file + end).find((path) => !mayUse(path))
    if (companion !== undefined && mayUse(file)) {
      return `this user may not write to ${companion}, which another user's start has left there; give it to the owner of the database`
    }
    return `this user may not write to it or in its folder, ${dirname(resolve(file))} (${message}); run this as the user who owns both`
  }
  if (IS_FULL.test(code)) return `the disk is full (${message}); make room and run this again`
  if (IS_DAMAGED.test(code)) return `it is damaged (${message}); ${saveFrom(file)}`
  if (IS_HELD.test(code))
    return `another process holds it (${message}); run this again when that is done`
  return code.startsWith('SQLITE_') ? String(message) : null
}

/** Whether this user may write to the file and its folder. SQLite's message does not say. */
const mayWrite = (file: string) => mayUse(dirname(file)) && mayUse(file)

/** Whether this user may write to a file. True if the file does not exist. */
function mayUse(path: string): boolean {
  try {
    if (existsSync(path)) accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

const RESTORE = 'restore a backup'
const saveFrom = (file: string) =>
  `${RESTORE}, or save what can be read: sqlite3 ${resolve(file)} .recover | sqlite3 saved.db`
const number = (value: number) => value.toLocaleString('en')
