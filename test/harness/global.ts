// Runs once, before all test files. They share one PostgreSQL server, on which each test has a database of its own, and a
// folder in memory for the files that they write.
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { engines } from './engines.ts'
import { makeCluster, makeTemplate } from './postgres.ts'

const ends: (() => unknown)[] = []

/** Linux's file system in memory. Making the hundreds of files of a database takes a tenth of the time there. */
const MEMORY = '/dev/shm'
/** The bytes that must be free there, several times what a run takes. Containers often have only 64 MB. */
const ROOM = 2e9

/** Temporary folders are made in memory from here on, here and in the processes of the tests. */
function writeToMemory(): void {
  if (!existsSync(MEMORY)) return
  const { bavail, bsize } = statfsSync(MEMORY)
  if (bavail * bsize < ROOM) return
  const folder = mkdtempSync(`${MEMORY}/tallymark-tests-`)
  // PostgreSQL runs as another user, and has a folder in this one.
  chmodSync(folder, 0o711)
  process.env.TMPDIR = folder
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
}

export async function globalSetup(): Promise<void> {
  writeToMemory()
  if (!engines().includes('postgres')) return
  // Nothing that tests write has to outlast them, so nothing waits for the disk.
  const { origin } = await makeCluster({ after: (end) => void ends.push(end) }, ['fsync=off'])
  await makeTemplate(origin)
  process.env.TEST_POSTGRES = origin
}

export async function globalTeardown(): Promise<void> {
  for (const end of ends.reverse()) await end()
}
