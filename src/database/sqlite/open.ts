import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { APPLICATION_ID, checkDatabase, isHeld, quickCheck } from './condition.ts'
import { BUSY_MS, connect } from './connection.ts'
import { migrate } from './migrations.ts'

/** How long opening waits for another process, which may be bringing the schema up to date, in ms. */
const WAIT_MS = 60_000
/** It waits for so long at a time, then pauses for signals and other work: waiting in SQLite blocks the thread. */
const TRY_MS = 100
const PAUSE_MS = 50

/**
 * Opens a database file and brings its schema up to date. Creates the file and its folder if they do not exist.
 * @throws WrongFile before anything is changed, and what SQLite and the file system throw; see `explainFailure`
 */
export function openDatabase(file: string): Promise<Database> {
  return whenFree(() => tryToOpen(file))
}

/**
 * Searches a database for damage that an unclean end may have left.
 * @throws WrongFile if there is damage, or if the file cannot be used
 */
export async function findDamage(file: string): Promise<void> {
  await whenFree(async () => void checkDatabase(file, TRY_MS))
  await quickCheck(file)
}

/** Runs work again while another process holds the file. */
async function whenFree<Result>(work: () => Promise<Result>): Promise<Result> {
  const until = performance.now() + WAIT_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isHeld(error) || performance.now() > until) throw error
    }
    await pause(PAUSE_MS)
  }
}

async function tryToOpen(file: string): Promise<Database> {
  // Before SQLite makes files beside it, which would then belong to the wrong user.
  if (existsSync(file)) accessSync(file, constants.W_OK)
  checkDatabase(file, TRY_MS)
  mkdirSync(dirname(file), { recursive: true })
  const driver = connect(file, 'full', TRY_MS)
  try {
    // Kysely does not lock on SQLite: two services that start at once would both migrate.
    driver.exec('begin immediate')
    await migrate(driver)
    // A file of an earlier version has no id yet.
    if (driver.pragma('application_id', { simple: true }) !== APPLICATION_ID)
      driver.pragma(`application_id = ${APPLICATION_ID}`)
    driver.exec('commit')
    driver.pragma(`busy_timeout = ${BUSY_MS}`)
    return driver
  } catch (error) {
    driver.close()
    throw error
  }
}
