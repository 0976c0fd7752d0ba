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

/** What belongs to a database beside its file: the log of WAL mode, or the journal of an unfinished transaction. */
const COMPANIONS = ['-wal', '-journal']
/** In the header of a database file: the byte that says how it is written, and its value for WAL mode. */
const WRITE_VERSION = 18
const WAL_MODE = 2

/** A database that is only read. */
export interface Readable {
  driver: Database.Database
  /**
   * The file says that it has a log, and there is none with anything in it. That is right after a clean end of its
   * program; a file that was copied without its log looks the same, and lacks what was written last.
   */
  lacksLog: boolean
  close(): void
}

/**
 * Opens a database file to read it. A program may go on writing to it. SQLite writes a little beside the file even to
 * read it; where it cannot, as in a folder of somebody else, a copy of the file and its log is read instead.
 * @param leavesNothing whether a copy is read, too, where SQLite would leave files of its own beside the database
 * @throws Error where the file is missing, or cannot be read as a database
 */
export function openToRead(file: string, leavesNothing = false): Readable {
  const inWalMode = isInWalMode(file)
  const lacksLog = inWalMode && !hasContent(`${file}-wal`)
  // Nobody has it open, so SQLite would make these files, and could not remove them again.
  if (leavesNothing && inWalMode && !existsSync(`${file}-shm`))
    return { ...openCopy(file), lacksLog }
  try {
    const driver = opened(file, true)
    return { driver, lacksLog, close: () => void driver.close() }
  } catch (error) {
    if (!/^SQLITE_(CANTOPEN|READONLY)/.test((error as { code?: string }).code ?? '')) throw error
    return { ...openCopy(file), lacksLog }
  }
}

function opened(file: string, readonly: boolean): Database.Database {
  const driver = new Database(file, { readonly, fileMustExist: true })
  try {
    // Opening reads nothing yet.
    driver.prepare('select count(*) from sqlite_schema').get()
    return driver
  } catch (error) {
    driver.close()
    throw error
  }
}

/** @throws Error where the file changes while it is copied */
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
      // A copy has the mode of its source, which may be read-only.
      chmodSync(copy + end, 0o600)
    }
    if (state() !== before) throw new Error('it is being written to, and this user cannot lock it')
    // Not read-only: what an unfinished transaction left is undone first, in the copy.
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

function hasContent(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0
}

function isInWalMode(file: string): boolean {
  const header = Buffer.alloc(WRITE_VERSION + 1)
  const descriptor = openSync(file, 'r')
  try {
    return readSync(descriptor, header) === header.length && header[WRITE_VERSION] === WAL_MODE
  } finally {
    closeSync(descriptor)
  }
}
