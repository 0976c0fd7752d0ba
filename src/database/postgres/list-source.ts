// A thread that reads whole lists over a connection of its own, some thousand pages at a time: a long statement would hold back
// the server's cleaning of rows that are updated all the time. `../lists/` uses it.
import { workerData } from 'node:worker_threads'
import { HOST_COLUMNS, type List, PAGE_COLUMNS } from '../lists/list.ts'
import type { Add, Source } from '../lists/lists.ts'
import { serveLists } from '../lists/serve.ts'
import { MAX_ENTRIES } from '../lists/snapshot.ts'
import { slicesOf } from '../slices.ts'
import { COMMAND_ANSWER_MS, Connection } from './connection.ts'
import { FIRST_HOST } from './host-queries.ts'
import { hashesOfHost, readHosts, readPages } from './list-rows.ts'
import { readSlice } from './pages.ts'

/** Pages that are read at a time. */
const SLICE = 2000

const link = new Connection(workerData, { answerMs: COMMAND_ANSWER_MS })

async function readAllPages({ host, today }: List & { of: 'pages' }, add: Add): Promise<void> {
  // If there is no room for all pages, those with the most hits are listed.
  const [[[least = 0] = []] = []] = await link.run(['hitsAt', MAX_ENTRIES - 1])
  for await (const names of host === null ? allNames() : namesOfHost(host)) {
    for (const { id, name, values } of await readPages(link, names, today))
      if ((values[0] as number) >= Number(least) && !add(id, name, ...values)) return
  }
}

async function* allNames(): AsyncGenerator<string[]> {
  for (let after: string | null = ''; after !== null; ) {
    const slice = await readSlice(link, { after, pages: SLICE })
    yield slice.names
    after = slice.next
  }
}

async function* namesOfHost(host: string): AsyncGenerator<string[]> {
  yield* slicesOf(await hashesOfHost(link, host, MAX_ENTRIES), SLICE)
}

async function readAllHosts(add: Add): Promise<void> {
  for (let after: string | undefined = FIRST_HOST; after !== undefined; ) {
    const hosts = await readHosts(link, ['hostsAfter', after, SLICE])
    // A host without hits is not listed.
    for (const { id, name, values } of hosts)
      if ((values[0] as number) > 0 && !add(id, name, ...values)) return
    after = hosts.at(-1)?.counter
  }
}

const source: Source<List> = {
  columns: ({ of }) => (of === 'pages' ? PAGE_COLUMNS : HOST_COLUMNS).length,
  read: (list, add) => (list.of === 'pages' ? readAllPages(list, add) : readAllHosts(add)),
}
serveLists(source, () => link.close())
