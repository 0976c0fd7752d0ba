import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import Database from 'better-sqlite3'
import { Journal } from './journal.ts'
import { QUERIES } from './queries.ts'

/** Ends of the names of files that belong to a database: the log of WAL mode, the journal of an unfinished transaction. */
const COMPANIONS = ['-wal', '-journal']
/** The first bytes of every SQLite file. */
const MAGIC = 'SQLite format 3\u0000'
const HEADER_BYTES = 100
const WAL_MODE = 2

/** What the first bytes of a file say. A header that is cut short says 0. */
interface Header {
  isDatabase: boolean
  isInWalMode: boolean
  /** The length of the whole file, in bytes; 0 if it is not known. */
  bytes: number
  /** The number of changes so far. */
  changes: number
  /** The program that the file belongs to. */
  application: number
}

/** Takes some microseconds: the block is in the system's cache. */
export function readHeader(descriptor: number): Header {
  const header = Buffer.alloc(HEADER_BYTES)
  readSync(descriptor, header, 0, HEADER_BYTES, 0)
  // 1 means 65,536, which does not fit in two bytes.
  const block = header.readUInt16BE(16)
  const changes = header.readUInt32BE(24)
  // The number of blocks is valid only if both counters of changes are equal.
  const isValid = changes === header.readUInt32BE(92)
  return {
    isDatabase: header.toString('latin1', 0, MAGIC.length) === MAGIC,
    isInWalMode: header[18] === WAL_MODE,
    bytes: isValid ? header.readUInt32BE(28) * (block === 1 ? 65_536 : block) : 0,
    changes,
    application: header.readUInt32BE(68),
  }
}

export function headerOf(file: string): Header {
  const descriptor = openSync(file, 'r')
  try {
    return readHeader(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** A database that was opened only for reading. */
export interface Readable {
  driver: Database.Database
  /**
   * The file is in WAL mode and has no log. That is so after a clean end of its program, but also if the file was copied
   * without its log: then the last writes are missing.
   */
  lacksLog: boolean
  close(): void
}

/**
 * Opens a database file for reading, while another program may write to it. SQLite needs to write small files beside it
 * even for reading. If it cannot, as in another user's folder, a copy of the file and its log is read instead.
 * @param leavesNothing whether to read a copy, too, if SQLite would leave files beside the database
 * @throws Error if the file is missing, or cannot be read as a database
 */
export function openToRead(file: string, leavesNothing = false): Readable {
  const lacksLog = lacksItsLog(file)
  // No process has the file open, so SQLite would create these files, and could not remove them.
  if (leavesNothing && headerOf(file).isInWalMode && !existsSync(`${file}-shm`))
    return { ...openCopy(file), lacksLog }
  try {
    const driver = opened(file, true)
    return { driver, lacksLog, close: () => void driver.close() }
  } catch (error) {
    if (!/^SQLITE_(CANTOPEN|READONLY)/.test((error as { code?: string }).code ?? '')) throw error
    return { ...openCopy(file), lacksLog }
  }
}

/**
 * Reads a file at one moment, without writing.
 * @param read is given the hits that are not in the tables yet, and the newest page; 0 if there are no pages
 */
export function readSnapshot<Result>(
  file: string,
  read: (driver: Database.Database, journal: Journal, newest: number) => Result,
): Result {
  const { driver, close } = openToRead(file)
  try {
    driver.exec('begin')
    const journal = new Journal(driver)
    journal.load()
    const newest = driver.prepare<[], number | null>(QUERIES.newestPage).pluck().get() ?? 0
    return read(driver, journal, newest)
  } finally {
    close()
  }
}

function opened(file: string, readonly: boolean): Database.Database {
  const driver = new Database(file, { readonly, fileMustExist: true })
  try {
    // SQLite reads nothing before the first statement.
    driver.prepare('select count(*) from sqlite_schema').get()
    return driver
  } catch (error) {
    driver.close()
    throw error
  }
}

/** @throws Error if the file changes while it is copied */
function openCopy(file: string): Pick<Readable, 'driver' | 'close'> {
  const folder = mkdtempSync(join(tmpdir(), 'tallymark-read-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const parts = ['', ...COMPANIONS].filter((end) => existsSync(file + end))
    const state = () => parts.map((end) => changeOf(file + end)).join()
    const before = state()
    const copy = join(folder, basename(file))
    for (const end of parts) {
      copyFileSync(file + end, copy + end)
      // The copy has the permissions of its source, which may be read-only.
      chmodSync(copy + end, 0o600)
    }
    if (state() !== before) throw new Error('it is being written to, and this user cannot lock it')
    // Not read-only, because SQLite first rolls back an unfinished transaction in the copy.
    const driver = opened(copy, false)
    return {
      driver,
      close() {
        driver.close()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

function changeOf(file: string): string {
  const { size, mtimeNs, ino } = statSync(file, { bigint: true })
  return `${ino} ${size} ${mtimeNs}`
}

/** See `Readable`. To be called before the file is opened. */
export function lacksItsLog(file: string): boolean {
  return headerOf(file).isInWalMode && !hasLog(file)
}

/**
 * Whether a database has a log with content: a service is running on it, or the last one did not end cleanly. To be
 * called before the file is opened.
 */
export function hasLog(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
}
