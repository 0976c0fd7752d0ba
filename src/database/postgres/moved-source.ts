import { OtherSource, type Source } from '../moving.ts'
import { type Row, run } from './link.ts'
import type { Operator } from './operator.ts'
import { hashOf, list } from './pages.ts'

/** The name of a file where none is given. */
const DEFAULT_NAME = 'sqlite'
/** Pages compared by one statement. */
const SLICE = 1000

/**
 * Finds the name under which a file is brought, and remembers it with the file's own id. So a file is brought under one
 * name, whatever it is called and wherever it is, and a name is that of one file.
 * @param asked the name that was asked for, if any
 * @throws OtherSource before anything is written, where the name is another file's, the file has another name, or it
 *   has less than was brought from it
 */
export async function nameSource(
  operator: Operator,
  source: Pick<Source, 'id' | 'numbers'>,
  asked: string | null,
  now: number,
): Promise<string> {
  const names = await operator.transactions.run(now, (client) => run(client, ['readSources']))
  const known = names.find(([, id]) => id === source.id)?.[0] as string | undefined
  const name = asked ?? known ?? DEFAULT_NAME
  if (known !== undefined && known !== name) {
    throw new OtherSource(
      `this file was brought before, as ${JSON.stringify(known)}: leave out --source, or all of it would be added again`,
    )
  }
  checkOwner(names, name, source)
  await comparePages(operator, source, name, known === undefined, now)
  const owners = await operator.transactions.run(now, async (client) => {
    await run(client, ['addSource', name, source.id])
    return run(client, ['readSources'])
  })
  // Another run may have been quicker.
  checkOwner(owners, name, source)
  return name
}

function checkOwner(names: readonly Row[], name: string, { id }: Pick<Source, 'id'>): void {
  const [owner] = names.filter(([other, otherId]) => other === name || otherId === id)
  if (owner === undefined || (owner[0] === name && owner[1] === id)) return
  throw new OtherSource(
    `${JSON.stringify(name)} is another file that was brought before: name this one with --source`,
  )
}

/** @param isNew whether the file is not known yet: what was brought under its name has to be there, all of it */
async function comparePages(
  { transactions }: Operator,
  source: Pick<Source, 'numbers'>,
  name: string,
  isNew: boolean,
  now: number,
): Promise<void> {
  const ask = (names: string[]) =>
    transactions.run(now, (client) => run(client, ['readMovedHits', name, list(names)]))
  const [[brought] = []] = await transactions.run(now, (client) =>
    run(client, ['countMoved', name]),
  )
  if (brought === 0) return
  let found = 0
  for (const slice of inSlices(source.numbers())) {
    const pages = new Map(slice.map((page) => [hashOf(page.key) as string, page]))
    for (const [hash, before] of await ask([...pages.keys()])) {
      const page = pages.get(hash as string)
      found += 1
      if (page === undefined || page.hits >= Number(before)) continue
      throw new OtherSource(
        `${JSON.stringify(page.key)} has ${page.hits} hits there, but ${before} were brought before: this is ` +
          (isNew
            ? `another file than was brought as ${JSON.stringify(name)}; name it with --source`
            : 'an older copy of the file that was brought, or the page was removed from it since'),
      )
    }
  }
  if (isNew && found < Number(brought)) {
    throw new OtherSource(
      `it lacks pages that were brought before: this is another file than was brought as ${JSON.stringify(name)}; ` +
        'name it with --source',
    )
  }
}

function* inSlices<Item>(items: Iterable<Item>): Generator<Item[]> {
  let slice: Item[] = []
  for (const item of items) {
    if (slice.push(item) < SLICE) continue
    yield slice
    slice = []
  }
  if (slice.length > 0) yield slice
}
