import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { type Add, type Bounds, Lists } from '../../src/database/lists/lists.ts'
import { descending } from '../../src/database/lists/order.ts'
import { MAX_ENTRIES, type Part, Snapshot } from '../../src/database/lists/snapshot.ts'

const ALL: Part = { column: 0, text: '', after: '', limit: 1000, shows: () => true }
const BOUNDS: Bounds = { maxBytes: 1e9, unusedMs: 60_000 }

/** Lists by name, each with a page whose hits are the number of times that the list was read. */
function makeLists(
  t: TestContext,
  bounds: Partial<Bounds> = {},
  read?: (add: Add) => Promise<void>,
) {
  const reads = new Map<string, number>()
  const source = {
    columns: () => 1,
    async read(list: string, add: Add) {
      const times = (reads.get(list) ?? 0) + 1
      reads.set(list, times)
      await read?.(add)
      add(1e6, list, times)
    },
  }
  const lists = new Lists<string>(source, { ...BOUNDS, ...bounds })
  t.after(() => lists.close())
  const hits = async (list: string) => (await lists.read(list, ALL)).entries[0]?.values[0]
  return { lists, hits, reads }
}

/** Takes longer than a list that is short. */
const slowly = async () => void (await sleep(60))

test('values are in descending order, and of equal ones the later come first', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.nat(3), fc.nat(), fc.constantFrom(2 ** 53, 4e18)), { maxLength: 200 }),
      async (values) => {
        const order = await descending(Float64Array.from(values), values.length)
        const expected = [...values.keys()].sort(
          (a, b) => Number(values[b]) - Number(values[a]) || b - a,
        )
        assert.deepEqual([...order], expected)
      },
    ),
  )
})

test('a search finds what a plain search finds, from each place on, by each column', async () => {
  const name = fc.string({
    unit: fc.constantFrom('a', 'B', 'b', '/', 'é', '%'),
    minLength: 1,
    maxLength: 6,
  })
  const entry = fc.record({ name, values: fc.tuple(fc.nat(4), fc.nat(2)) })
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '/', '%'), maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 40 }),
      text,
      fc.nat(1),
      fc.integer({ min: 1, max: 9 }),
      async (entries, text, column, limit) => {
        const snapshot = new Snapshot(2)
        for (const [at, { name, values }] of entries.entries())
          snapshot.add(at + 7, name, ...values)
        const shows = (name: string) => !name.startsWith('/')
        const expected = entries
          .map((each, at) => ({ ...each, id: at + 7 }))
          .filter(({ name }) => shows(name) && name.toLowerCase().includes(text.toLowerCase()))
          .sort((a, b) => Number(b.values[column]) - Number(a.values[column]) || b.id - a.id)
        const found: unknown[] = []
        for (let after: string | null = ''; after !== null; ) {
          const part = await snapshot.read({ column, text, after, limit, shows })
          assert.ok(part.entries.length === limit || part.next === null)
          found.push(...part.entries)
          after = part.next
        }
        assert.deepEqual(found, expected)
      },
    ),
  )
})

test('a snapshot has so many entries and bytes at most', async () => {
  const snapshot = new Snapshot(1)
  for (let id = 0; id < MAX_ENTRIES; id++) assert.ok(snapshot.add(id, 'x', 1))
  assert.equal(snapshot.add(MAX_ENTRIES, 'x', 1), false)
  assert.ok(snapshot.bytes < 120e6, `${snapshot.bytes}`)
  const long = new Snapshot(1)
  const name = 'x'.repeat(1_000_000)
  let entries = 0
  while (entries < 1000 && long.add(entries, name, 1)) entries += 1
  assert.ok(entries < 251, `${entries}`)
})

test('a list is read once for all who ask meanwhile, and again when it is old', async (t) => {
  const { hits, reads } = makeLists(t)
  assert.deepEqual(await Promise.all([hits('a'), hits('a'), hits('b')]), [1, 1, 1])
  for (const wait of [100, 100]) await sleep(wait).then(() => hits('a'))
  assert.equal(reads.get('a'), 3)
})

test('lists are read one after the other, in whatever order they are asked for', async (t) => {
  let reading = 0
  let most = 0
  const { hits } = makeLists(t, {}, async () => {
    reading += 1
    most = Math.max(most, reading)
    await sleep(5)
    reading -= 1
  })
  await Promise.all(['a', 'b', 'c', 'a', 'd', 'b', 'e'].map(hits))
  assert.equal(most, 1)
})

test('while a long list is read again, the old one answers', async (t) => {
  let isStuck = false
  const { lists, hits } = makeLists(t, {}, async () => {
    if (isStuck) await new Promise(() => {})
    await slowly()
  })
  t.mock.method(
    performance,
    'now',
    (
      (now) => () =>
        now() + (isStuck ? 300_000 : 0)
    )(performance.now.bind(performance)),
  )
  assert.equal(await hits('a'), 1)
  isStuck = true
  assert.equal(await hits('a'), 1)
  assert.ok((await lists.read('a', ALL)).ageMs > 299_000)
})

test('a short list that was read before a change is not shown after it', async (t) => {
  let changed = false
  const { lists, hits } = makeLists(t, {}, async () => {
    // A change while the list is read.
    if (changed) lists.expire()
    changed = false
  })
  assert.equal(await hits('a'), 1)
  lists.expire()
  assert.equal(await hits('a'), 2)
  changed = true
  lists.expire()
  assert.deepEqual([await hits('a'), await hits('a')], [3, 4])
  const before = hits('b')
  lists.expire()
  assert.deepEqual([await hits('b'), await before], [2, 1])
})

test('a long list answers after a change, until it is read again; for one that is not so long, requests wait', async (t) => {
  const medium = makeLists(t, {}, slowly)
  assert.equal(await medium.hits('a'), 1)
  medium.lists.expire()
  assert.equal(await medium.hits('a'), 2)
  const { lists, hits } = makeLists(t, {}, async () => void (await sleep(600)))
  assert.equal(await hits('a'), 1)
  lists.expire()
  assert.equal(await hits('a'), 1)
  for (let tries = 0; (await hits('a')) === 1 && tries < 200; tries++) await sleep(20)
  assert.equal(await hits('a'), 2)
})

test('after a failure the next request tries again', async (t) => {
  let fails = true
  const { hits } = makeLists(t, {}, async () => {
    if (fails) throw new Error('no database')
  })
  await assert.rejects(hits('a'), /no database/)
  fails = false
  assert.equal(await hits('a'), 2)
})

test('a list that nobody uses is forgotten', async (t) => {
  const { lists, hits } = makeLists(t, { unusedMs: 500 }, slowly)
  await hits('a')
  assert.equal(lists.size.lists, 1)
  for (let tries = 0; lists.size.lists > 0 && tries < 200; tries++) await sleep(20)
  assert.deepEqual(lists.size, { lists: 0, bytes: 0 })
})

test('all lists together are bounded: the one that was not used for longest is forgotten', async (t) => {
  const add = async (add: Add) => {
    for (let id = 0; id < 10_000; id++) add(id, `page ${id}`, 1)
    await slowly()
  }
  const { lists, hits } = makeLists(t, { maxBytes: 2_000_000 }, add)
  for (const name of ['a', 'b', 'a', 'c', 'd']) await hits(name)
  const { bytes, lists: kept } = lists.size
  assert.ok(bytes <= 2_000_000 && kept >= 1 && kept < 4, `${kept}: ${bytes}`)
})
