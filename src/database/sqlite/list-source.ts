// A thread that reads whole lists over a connection of its own, so that no visit waits for them. `../lists/` uses it.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { HOST_COLUMNS, type List, PAGE_COLUMNS } from '../lists/list.ts'
import type { Add, Source } from '../lists/lists.ts'
import { serveLists } from '../lists/serve.ts'
import { type Entry, MAX_ENTRIES } from '../lists/snapshot.ts'
import { BUSY_MS } from './connection.ts'
import { Journal } from './journal.ts'
import { listRows } from './list-rows.ts'

/** Rows that are read at a time, in some 2 ms. */
const SLICE = 500

function listSource(driver: Database.Database): Source<List> {
  const journal = new Journal(driver)
  const rows = listRows(driver, journal)

  /** Reads all slices. It stops when there is no more room. @param read reads the next slice after an id */
  async function readSlices(read: (after: number) => Entry[], add: Add, least = 0): Promise<void> {
    for (let slice = read(0); slice.length > 0; slice = read(slice.at(-1)?.id as number)) {
      for (const { id, name, values } of slice)
        if ((values[0] as number) >= least && !add(id, name, ...values)) return
      await nextTurn()
    }
  }

  async function readPages({ host, today }: List & { of: 'pages' }, add: Add): Promise<void> {
    const limit = SLICE
    if (host !== null) {
      const id = rows.hostId(host)
      if (id === undefined) return
      const ofHost = (after: number) =>
        rows.readPages('pagesOfHost', today, { host: id, after, limit })
      return readSlices(ofHost, add)
    }
    // If there is no room for all pages, those with the most hits are listed.
    const least = rows.hitsAt(MAX_ENTRIES - 1)
    return readSlices((after) => rows.readPages('allPages', today, { after, limit }), add, least)
  }

  return {
    columns: ({ of }) => (of === 'pages' ? PAGE_COLUMNS : HOST_COLUMNS).length,
    async read(list, add) {
      driver.exec('begin')
      try {
        journal.load()
        if (list.of === 'pages') await readPages(list, add)
        // A host without hits is not listed.
        else
          await readSlices((after) => rows.readHosts('allHosts', { after, limit: SLICE }), add, 1)
      } finally {
        driver.exec('rollback')
      }
    },
  }
}

const driver = new Database(workerData, { readonly: true, fileMustExist: true, timeout: BUSY_MS })
serveLists(listSource(driver), () => driver.close())
