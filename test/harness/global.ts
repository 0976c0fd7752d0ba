// Run once, before all test files: they share one PostgreSQL server, where each test has a database of its own, and a
// folder in memory for all that they write.
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { engines } from './engines.ts'
import { makeCluster, makeTemplate } from './postgres.ts'

const ends: (() => unknown)[] = []

/** A file system in memory, that Linux has. To make the hundreds of files of a database costs a tenth there. */
const MEMORY = '/dev/shm'
/** What a run may take there, in bytes: several times what it does. Containers often have 64 MB. */
const ROOM = 2e9

/** Temporary folders are made in memory from here on, here and in the processes of the tests. */
function writeToMemory(): void {
  if (!existsSync(MEMORY)) return
  const { bavail, bsize } = statfsSync(MEMORY)
  if (bavail * bsize < ROOM) return
  const folder = mkdtempSync(`${MEMORY}/tallymark-tests-`)
  // PostgreSQL, which is another user, has a folder in it.
  chmodSync(folder, 0o711)
  process.env.TMPDIR = folder
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
}

export async function globalSetup(): Promise<void> {
  writeToMemory()
  if (!engines().includes('postgres')) return
  // What the tests write is gone with them, so no disk has to be waited for.
  const { origin } = await makeCluster({ after: (end) => void ends.push(end) }, ['fsync=off'])
  await makeTemplate(origin)
  process.env.TEST_POSTGRES = origin
}

export async function globalTeardown(): Promise<void> {
  for (const end of ends.reverse()) await end()
}
