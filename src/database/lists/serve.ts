import { listFilter } from '../../pattern.ts'
import type { ListQuery } from '../../store.ts'
import { serve } from '../../worker.ts'
import type { List } from './list.ts'
import { Lists, type ReadPart, type Source } from './lists.ts'

/** Which part of a list to read, and by which of its values it is sorted. */
export type Wanted = ListQuery & { column: number }

/** Answers requests for lists, in a thread of its own. @param close closes what the source uses */
export function serveLists(source: Source<List>, close: () => unknown): void {
  serve(listWork(source, close))
}

export type ListsWork = ReturnType<typeof listWork>

function listWork(source: Source<List>, close: () => unknown) {
  const lists = new Lists(source)
  return {
    read(list: List, wanted: Wanted): Promise<ReadPart> {
      return lists.read(list, partOf(list, wanted))
    },
    expire: () => lists.expire(),
    size: () => lists.size,
    async close(): Promise<void> {
      lists.close()
      await close()
    },
  }
}

export function partOf({ of }: Pick<List, 'of'>, wanted: Wanted) {
  const { column, part: text, after, limit } = wanted
  const { showsPage, showsHost } = listFilter(wanted)
  const shows = (of === 'pages' ? showsPage : showsHost) as (name: string) => boolean
  return { column, text, after, limit, shows }
}
