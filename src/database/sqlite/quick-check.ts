import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { damaged } from './condition.ts'

/** How long a start waits for it, in ms: enough for some hundreds of MB that the system has in memory. */
const CHECK_MS = 2000
const CHILD = join(import.meta.dirname, 'check-child.ts')

/**
 * Whether the last service on a file did not end in order, or another one runs: a clean end removes the log. To be
 * asked before the file is opened.
 */
export const hasLog = (file: string) =>
  (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0

/**
 * Has SQLite look through a database for damage, as far as it comes in the time there is.
 * @throws WrongFile where it finds some
 */
export async function quickCheck(file: string): Promise<void> {
  const found = await new Promise<string>((resolve) => {
    const options = { timeout: CHECK_MS, killSignal: 'SIGKILL' } as const
    execFile(process.execPath, [CHILD, file], options, (error, output, complaint) => {
      // Where the check takes too long, or its process cannot be had, the service starts without it.
      if (error === null) resolve(output)
      else resolve(/SQLITE_CORRUPT/.test(complaint) ? 'database disk image is malformed' : 'ok')
    })
  })
  if (found !== 'ok') throw damaged(found.replaceAll(/\s+/g, ' '), file)
}
