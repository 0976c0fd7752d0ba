import { basename } from 'node:path'

/** What it means that a database in WAL mode has no log, and how to copy one; see `Readable`. */
export function lackingLog(file: string): string {
  const name = basename(file)
  return (
    `It is in WAL mode, where SQLite keeps what is new in ${name}-wal, and that file is not there, or is empty: ` +
    `a copy of ${name} alone lacks all that was in it. Copy ${name} and ${name}-wal together, or have SQLite make one ` +
    `whole file: sqlite3 ${name} "VACUUM INTO 'copy.db'".`
  )
}
