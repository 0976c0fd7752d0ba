import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { Change } from '../../src/admin.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { normalizePage, type PageKey } from '../../src/page.ts'
import { siteKey } from '../../src/site.ts'
import type { ListedPage, ListQuery, PageListQuery, Store } from '../../src/store.ts'
import { T0, temporaryFolder } from '../harness/app.ts'
import { engines } from '../harness/engines.ts'
import { makeFileDatabase } from '../harness/postgres.ts'
import { until } from '../harness/until.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MINUTE = 60_000
const MIDNIGHT = (T0 - 12 * HOUR) / HOUR
const EVERYTHING: ListQuery = {
  part: '',
  after: '',
  limit: 1000,
  rules: { allow: [], deny: [] },
  ignore: [],
}
const ALL: PageListQuery = {
  ...EVERYTHING,
  ...{ host: null, sort: 'hits', today: { from: MIDNIGHT, to: MIDNIGHT + 24 } },
}
/** More than are read without a thread. */
const MANY = 230

const emptyDatabase = engines().includes('postgres')
  ? await makeFileDatabase()
  : () => assert.fail('there is no PostgreSQL')

const page = (name: string) => normalizePage(name)

for (const engine of engines()) {
  async function open(t: TestContext): Promise<Store> {
    const store =
      engine === 'sqlite'
        ? await openSqliteStore(join(temporaryFolder(t), 'store.db'))
        : await openPostgresStore(await emptyDatabase(), { now: () => T0 })
    t.after(() => store.close())
    return store
  }
  const count = (store: Store, name: string, at = T0) =>
    store.count({ page: page(name), at, window: null })
  const change = (store: Store, ...changes: Change[]) =>
    store.admin.change(changes, { actor: 'test', reason: '', at: T0 })
  const names = async (store: Store, query: Partial<PageListQuery>) =>
    (await store.pages({ ...ALL, ...query })).pages.map(({ name }) => name as string)
  const hosts = async (store: Store, query: Partial<ListQuery>) =>
    (await store.hosts({ ...EVERYTHING, ...query })).hosts

  async function toTheEnd(store: Store, query: PageListQuery): Promise<ListedPage[]> {
    const found: ListedPage[] = []
    for (let after: string | null = ''; after !== null; ) {
      const part = await store.pages({ ...query, after })
      assert.ok(part.pages.length > 0, 'a part is empty')
      found.push(...part.pages)
      after = part.next
    }
    return found
  }

  test(`${engine}: pages are listed by hits, by those of today and by the last visit, to the end`, async (t) => {
    const store = await open(t)
    for (let number = 0; number < 12; number++)
      await count(store, `a.example/${number}`, T0 - 3 * DAY)
    for (const number of [3, 4, 5]) await count(store, `a.example/${number}`, T0 - 2 * DAY)
    for (const number of [5, 6]) await count(store, `a.example/${number}`, T0 - HOUR)
    await count(store, 'a.example/7', T0)
    await count(store, 'a.example/6', T0)
    const [fifth] = (await store.pages({ ...ALL, part: '/5' })).pages
    assert.deepEqual(fifth, { name: page('a.example/5'), hits: 3, today: 1, lastSeen: T0 - HOUR })
    const orders = {
      hits: [
        [5, 6],
        [3, 4, 7],
      ],
      today: [[6], [5, 7]],
      recent: [[6, 7], [5], [3, 4]],
    }
    for (const host of [null, 'a.example']) {
      for (const [sort, groups] of Object.entries(orders)) {
        const query = { ...ALL, host, sort: sort as PageListQuery['sort'] }
        const whole = await toTheEnd(store, query)
        assert.equal(new Set(whole.map(({ name }) => name)).size, 12)
        const inOrder = whole.map(({ name }) => name as string)
        for (const group of groups) {
          const ofGroup = inOrder.splice(0, group.length)
          assert.deepEqual(
            ofGroup.sort(),
            group.map((number) => `a.example/${number}`),
            sort,
          )
        }
        for (const limit of [1, 2, 5, 12]) {
          assert.deepEqual(await toTheEnd(store, { ...query, limit }), whole, `${sort} ${limit}`)
        }
      }
    }
  })

  test(`${engine}: text is searched for in any case, and no character has a meaning of its own`, async (t) => {
    const store = await open(t)
    for (const name of [
      'a.example/Upper_case',
      'a.example/100%25',
      'b.example/uppercase',
      'b.example/100',
    ])
      await count(store, name)
    const found = async (part: string) => (await names(store, { part })).sort()
    assert.deepEqual(await found('UPPER_'), ['a.example/Upper_case'])
    assert.deepEqual(await found('upper'), ['a.example/Upper_case', 'b.example/uppercase'])
    assert.deepEqual(await found('100%'), ['a.example/100%25'])
    assert.deepEqual(await found('B.EXAMPLE'), ['b.example/100', 'b.example/uppercase'])
    for (const part of [
      '_p',
      '%p',
      '.*',
      '\n',
      '100\n',
      '100\nb',
      '\0',
      '\u001f',
      '\r',
      'É',
      '𝒳',
      'x'.repeat(9999),
    ])
      assert.deepEqual(await found(part), [], JSON.stringify(part))
    assert.deepEqual(await hosts(store, { part: 'A.Ex' }), [
      { name: 'a.example', hits: 2, pages: 2 },
    ])
    assert.deepEqual(await hosts(store, { part: '/' }), [])
  })

  test(`${engine}: the pages of a host are not those of hosts whose names begin with its name`, async (t) => {
    const store = await open(t)
    const ofHosts = ['a.example', 'a.example.org', 'a.example:8080', 'an.a.example', 'a.exampl']
    for (const host of ofHosts)
      for (const path of ['', '/x', '?x=1']) {
        await count(store, host + path)
      }
    const visits: Promise<unknown>[] = []
    for (let number = 0; number < MANY; number++)
      for (const host of ['b.example', 'b.example.org'])
        visits.push(count(store, `${host}/${number}`))
    await Promise.all(visits)
    for (const host of ofHosts)
      assert.deepEqual((await names(store, { host })).sort(), [host, `${host}/x`].sort())
    const many = await toTheEnd(store, { ...ALL, host: 'b.example', limit: 70 })
    assert.equal(many.length, MANY)
    assert.equal(new Set(many.map(({ name }) => name)).size, MANY)
    for (const { name } of many) assert.match(name, /^b\.example\//)
    for (const host of ['', 'b', 'B.EXAMPLE', 'none.example', '\n', '%'])
      assert.deepEqual(await names(store, { host }), [], host)
  })

  test(`${engine}: removed pages, and what the operator's lists name, are not listed`, async (t) => {
    const store = await open(t)
    for (const name of ['a.example/x', 'a.example/y', 'b.example/x', 'c.example/x', 'localhost/x'])
      await count(store, name)
    const lists = { rules: { allow: [], deny: ['^c\\.example', '/y$'] }, ignore: ['^localhost'] }
    assert.deepEqual((await names(store, lists)).sort(), ['a.example/x', 'b.example/x'])
    assert.deepEqual(await names(store, { ...lists, host: 'c.example' }), [])
    assert.deepEqual((await hosts(store, lists)).map(({ name }) => name).sort(), [
      'a.example',
      'b.example',
    ])
    const allowed = { rules: { allow: ['/y$'], deny: [] }, ignore: [] }
    assert.deepEqual(await names(store, allowed), ['a.example/y'])

    for (const host of [null, 'a.example']) {
      await change(store, { action: 'remove', page: page('a.example/x') })
      assert.ok(!(await names(store, { host })).includes('a.example/x'))
      await change(store, { action: 'restore', page: page('a.example/x') })
      assert.ok((await names(store, { host })).includes('a.example/x'))
    }
    await change(store, { action: 'set', page: page('a.example/x'), hits: 9 })
    assert.equal((await names(store, {}))[0], 'a.example/x')
    await change(store, {
      action: 'rename',
      page: page('a.example/x'),
      to: page('d.example'),
      alias: true,
    })
    assert.equal((await names(store, {}))[0], 'd.example')
    assert.deepEqual((await hosts(store, {}))[0], { name: 'd.example', hits: 9, pages: 1 })
  })

  test(`${engine}: where thousands of pages are hidden, a part has few pages and the list goes on`, async (t) => {
    const store = await open(t)
    const hidden = Array.from({ length: 5200 }, (_, number) => page(`hidden.example/${number}`))
    for (let time = 0; time < 2; time++)
      await Promise.all(hidden.map((each) => store.count({ page: each, at: T0, window: null })))
    await count(store, 'a.example')
    const query = { ...ALL, ignore: ['^hidden'] }
    const first = await store.pages(query)
    assert.equal(first.pages.length, 0)
    assert.notEqual(first.next, null)
    // What was tried is known then.
    const again = await store.pages(query)
    const rest =
      again.next === null ? again : await store.pages({ ...query, after: String(first.next) })
    assert.deepEqual(
      [rest.pages.map(({ name }) => name as string), rest.next],
      [['a.example'], null],
    )
  })

  test(`${engine}: a place that no answer has had is refused`, async (t) => {
    const store = await open(t)
    await count(store, 'a.example')
    for (const after of [
      'x',
      '1',
      '-1.2',
      '1.2.3',
      '1e3.5',
      ' 1.2',
      `1 ${'g'.repeat(36)}`,
      '9'.repeat(30),
    ])
      for (const read of [
        () => store.pages({ ...ALL, after }),
        () => store.pages({ ...ALL, host: 'a.example', after }),
        () => store.hosts({ ...EVERYTHING, after }),
      ])
        await assert.rejects(read, { code: 'bad_request' }, after)
    // Any other place is one between two entries.
    assert.deepEqual(await names(store, { after: '99.99' }), ['a.example'])
    assert.deepEqual(await names(store, { after: '0.0' }), [])
  })

  test(`${engine}: while visits are counted, lists stay complete, and the numbers are those of the moment`, async (t) => {
    const store = await open(t)
    const pages = Array.from({ length: 300 }, (_, number) => `a.example/${number}`)
    await Promise.all(pages.map((name) => count(store, name)))
    let isDone = false
    const counting = (async () => {
      while (!isDone) await Promise.all(pages.slice(0, 20).map((name) => count(store, name)))
    })()
    try {
      let least = 1
      for (let time = 0; time < 20; time++) {
        const { pages: found } = await store.pages({ ...ALL, limit: 1000 })
        assert.equal(new Set(found.map(({ name }) => name)).size, 300)
        const hits = found.find(({ name }) => name === 'a.example/7')?.hits ?? 0
        assert.ok(hits >= least, `${hits} after ${least}`)
        const { count: now } = await store.readPage(page('a.example/7'), null, T0)
        least = now
      }
    } finally {
      isDone = true
      await counting
    }
  })

  test(`${engine}: of a thousand pages, a visit is soon in the lists`, async (t) => {
    const store = await open(t)
    await Promise.all(
      Array.from({ length: 1000 }, (_, number) => count(store, `a.example/${number}`)),
    )
    for (let time = 0; time < 3; time++) {
      // The list has just been read.
      await names(store, { limit: 1 })
      const name = `a.example/${time}`
      for (let hits = 0; hits < 2 + time; hits++) await count(store, name)
      // How soon depends on how long the machine takes to read the list.
      await until(async () => (await names(store, { limit: 1 }))[0] === name)
    }
  })

  test(`${engine}: a page and its host know when their first and last visit counted`, async (t) => {
    const store = await open(t)
    const seen = (key: PageKey) => store.seen(key)
    const [first, last] = [T0 - 40 * DAY, T0 - HOUR]
    assert.deepEqual(await seen(page('a.example/x')), { first: null, last: null })
    for (const at of [first, T0 - DAY, last]) await count(store, 'a.example/x', at)
    await count(store, 'a.example/y', T0)
    store.recordUncounted(page('a.example/x'), 'bot', T0 + DAY)
    await store.writeUncounted()
    for (let time = 0; time < 3; time++) {
      assert.deepEqual(await seen(page('a.example/x')), { first, last })
      assert.deepEqual(await seen(siteKey('a.example')), { first, last: T0 })
      assert.equal((await store.pages({ ...ALL, part: '/x' })).pages[0]?.lastSeen, last)
      await store.maintain(T0 + time * 2 * MINUTE)
    }
    // Old hours become days.
    await store.rollUpHours((T0 - 30 * DAY) / HOUR - 12, { after: '', pages: 100 })
    assert.deepEqual(await seen(page('a.example/x')), { first: first - 12 * HOUR, last })
    await change(store, { action: 'remove', page: page('a.example/y') })
    await assert.rejects(seen(page('a.example/y')), { code: 'removed' })
    assert.deepEqual(await seen(siteKey('a.example')), { first: first - 12 * HOUR, last })
    await change(store, { action: 'set', page: page('new.example'), hits: 5 })
    assert.deepEqual(await seen(page('new.example')), { first: null, last: null })
    assert.equal((await store.pages({ ...ALL, part: 'new' })).pages[0]?.lastSeen, null)
  })
}
