import type { PageKey } from '../../page.ts'
import type { Source, SourceToken } from '../moving.ts'
import { run } from './link.ts'
import type { Operator } from './operator.ts'
import { hashOf, list } from './pages.ts'
import { BLOCK } from './tokens.ts'

/** Rows of tokens written in one transaction. */
const SLICE_ROWS = 20
/** How much earlier than its row a token may end, in ms: what an integer holds. */
const MOST_EARLY = 2 ** 31

/**
 * Brings the live tokens of a source. Their ids stay, as people's cookies hold them: an id says in which row a token
 * is looked for, and at which place. Brought again, a row takes the place of the one before.
 * @returns how many they are
 */
export async function moveTokens(
  { transactions }: Operator,
  source: Pick<Source, 'tokens'>,
  name: string,
  now: number,
): Promise<number> {
  let moved = 0
  for (const rows of inSlices(source.tokens(now))) {
    await transactions.run(now, async (client) => {
      for (const tokens of rows) await run(client, statement(tokens, name))
    })
    for (const tokens of rows) moved += tokens.length
  }
  return moved
}

function* inSlices(tokens: Iterable<SourceToken>): Generator<SourceToken[][]> {
  let block = -1
  let rows: SourceToken[][] = []
  let ofBlock = new Map<number, SourceToken[]>()
  for (const token of tokens) {
    if (blockOf(token) !== block) {
      rows.push(...ofBlock.values())
      ofBlock = new Map()
      block = blockOf(token)
      if (rows.length >= SLICE_ROWS) {
        yield rows
        rows = []
      }
    }
    const row = ofBlock.get(eraOf(token))
    if (row) row.push(token)
    else ofBlock.set(eraOf(token), [token])
  }
  yield [...rows, ...ofBlock.values()]
}

const blockOf = ({ id }: SourceToken) => Math.floor(id / BLOCK)
/** Tokens that end weeks apart are in rows of their own. */
const eraOf = ({ endsAt }: SourceToken) => Math.floor(endsAt / MOST_EARLY)

/** A row as a batch leaves it, but for the places of tokens that have ended, where there is nothing. */
function statement(tokens: readonly SourceToken[], name: string) {
  const [first] = tokens as [SourceToken]
  const places = new Map(tokens.map((token) => [token.id % BLOCK, token]))
  const end = Math.max(...tokens.map(({ endsAt }) => endsAt))
  const column = (of: (token: SourceToken) => string | number) =>
    list(
      Array.from({ length: Math.max(...places.keys()) + 1 }, (_, place) => {
        const token = places.get(place)
        return token ? of(token) : 'null'
      }),
    )
  return [
    'setTokens',
    blockOf(first),
    // Stands for the source: a name that no connection has.
    hashOf(`${eraOf(first)} ${name}` as PageKey),
    column(({ page }) => hashOf(page)),
    column(({ secret }) => secret),
    column(({ endsAt }) => end - endsAt),
    end,
  ] as const satisfies unknown[]
}
