import assert from 'node:assert/strict'
import test from 'node:test'
import type { PageKey } from '../../../src/page.ts'
import { normalizePage } from '../../../src/page.ts'
import { ADMIN, newKey, signIn } from '../../harness/administration.ts'
import { build, FILE, readCount } from '../../harness/app.ts'
import { NASTY } from '../../harness/nasty.ts'
import { until } from '../../harness/until.ts'

const shared = await build(FILE, { ...ADMIN, UNTRACKED_AGENTS: '<b>agent' })
const { get, clock, store } = shared
const browser = await signIn(shared)
const deed = (reason = '') => ({ actor: 'te<b>st', reason, at: clock.now })
const key = (page: string) => page as PageKey

/** Text in each direction, and markup. No control characters: they are refused before they are kept. */
const HOSTILE = NASTY.filter((text) => text.isWellFormed() && !text.includes('\0')).map((text) =>
  text.slice(0, 400),
)
/** What the frame of the pages and their own forms are made of. */
const TAGS =
  /^\/?(html|head|meta|link|title|script|body|a|header|img|span|nav|form|input|button|main|p|footer|div|h1|h2|h3|section|label|table|caption|thead|tbody|tr|th|td|bdi|time|b|code|pre|details|summary|select|option|dl|dt|dd|ul|ol|li|!doctype)$/

/** Fails if a page has markup that is not its own. */
function checkMarkup(html: string, name: string): void {
  for (const [tag, word = ''] of html.matchAll(/<([^\s>]+)[^>]*>/g)) {
    assert.match(word, TAGS, `${name}: ${tag}`)
    const attributes = tag.slice(1).replace(/"[^"]*"/g, '""')
    assert.doesNotMatch(attributes, /\son|style=|javascript:|'|</i, `${name}: ${tag}`)
  }
  assert.equal(html.match(/<script/g)?.length, 1, name)
  assert.doesNotMatch(html, /\{\{\w+\}\}|<!--/, `${name} is filled in`)
}

test('whatever strangers and operators have written is text on every page', async () => {
  const pages = HOSTILE.map((text, at) =>
    normalizePage(`example.com/${at}/${encodeURIComponent(text)}`),
  )
  for (const [at, page] of pages.entries()) {
    await get(`/count?url=${encodeURIComponent(page)}`)
    await store.admin.change([{ action: 'add', page, hits: 9 }], deed(HOSTILE[at]))
    if (at % 3 === 0) {
      await store.admin.change([{ action: 'remove', page }], deed(HOSTILE[at]))
    }
    if (at % 3 === 1) {
      const to = key(`${page}/moved`)
      await store.admin.change([{ action: 'rename', page, to, alias: true }], deed(HOSTILE[at]))
    }
    const rule = { kind: 'untracked-agent', pattern: HOSTILE[at] as string } as const
    await store.admin.addRules([{ ...rule, replacement: '', endsAt: null, ...deed(HOSTILE[at]) }])
  }
  // This service loads the rules when it adds one itself.
  await browser.post('rules', { action: 'add', kind: 'ban', pattern: '203.0.113.77' })
  assert.match((await browser.get('/admin/lists?kind=untracked-agent')).body, /&#60;script&#62;/)
  await newKey(shared, 'example.com', `<b>"'&`)
  for (const path of [
    '?sort=__proto__',
    ...['', 'bin', 'lists', 'lists?kind=page-rule', 'lists?kind=deny-page', 'spikes', 'audit'],
    ...['access', 'lists?kind=untracked-agent'],
    ...pages.map((page) => `page?url=${encodeURIComponent(page)}`),
    ...HOSTILE.flatMap((text) => {
      const value = encodeURIComponent(text)
      return [
        ...[`?part=${value}&sort=${value}`, `bin?part=${value}`, `audit?page=${value}`],
        ...[`page?url=${value}`, `lists?kind=${value}&part=${value}`, `?after=${value}`],
        `lists?address=${value}&page=${value}&agent=${value}`,
        `?done=${value}&n=${value}`,
      ]
    }),
  ]) {
    const { body, statusCode } = await browser.get(`/admin/${path}`)
    assert.ok(statusCode === 200 || statusCode === 400, `${path}: ${statusCode}`)
    checkMarkup(body, path)
  }
})

test('what is typed into forms is text when they are refused, and when they are asked again', async () => {
  for (const text of HOSTILE) {
    const fields = { page: 'example.com/form', reason: text, back: `page?url=${text}` }
    for (const [form, sent] of [
      ['page', { ...fields, action: 'set', hits: text }],
      ['page', { ...fields, action: text }],
      ['page', { ...fields, action: 'merge', into: text }],
      ['page', { ...fields, action: 'remove' }],
      ['pages', { ...fields, back: 'bin', action: 'purge', [text]: text }],
      ['rules', { action: 'add', kind: 'ban', pattern: text, reason: text, back: 'lists' }],
      ['rules', { action: 'remove', id: text, back: text }],
      ['keys', { action: 'make', name: text, prefix: text, back: 'access' }],
      ['links', { host: text, back: 'access' }],
      [`a/${encodeURIComponent(text.slice(0, 50))}`, {}],
    ] as const) {
      const { body, statusCode } = await browser.post(form, sent)
      assert.ok(statusCode < 500, `${form}: ${statusCode}`)
      if (body !== '') checkMarkup(body, `${form} ${text}`)
    }
  }
})

test('text keeps its direction to itself', async () => {
  const page = normalizePage('عربي.example/نص')
  await get(`/count?url=${encodeURIComponent(page)}`)
  await store.admin.change([{ action: 'set', page, hits: 3 }], deed('\u202eturned around'))
  const shown = (await browser.get(`/admin/page?url=${encodeURIComponent(page)}`)).body
  assert.match(shown, /<bdi>عربي\.example\/نص<\/bdi>/)
  assert.match(shown, /<bdi>\u202eturned around<\/bdi>/)
  assert.match((await browser.get('/admin/?sort=newest')).body, /<bdi>عربي\.example\/نص<\/bdi>/)
})

test('a page that was removed is shown with who removed it, when and why', async () => {
  const page = key('example.com/removed')
  await get(`/count?url=${page}`)
  await store.admin.change([{ action: 'remove', page }], deed('because'))
  const { body } = await browser.get(`/admin/page?url=${page}`)
  assert.match(body, /by <bdi>te&#60;b&#62;st<\/bdi>.*because/)
  assert.match(body, /Restore it/)
  assert.doesNotMatch(body, /Set the number/)
  const bin = (await browser.get('/admin/bin?part=example.com/removed')).body
  assert.match(bin, /because[\s\S]*2026-02-14/, '30 days later it is purged')
})

test('an unknown page can be begun at a number, and an old address leads to its page', async () => {
  const page = 'example.com/never-seen'
  const { body } = await browser.get(`/admin/page?url=${page}`)
  assert.match(body, /Begin at this number/)
  await browser.post('page', { page, action: 'set', hits: '12', version: '0' })
  await browser.post('page', { page, action: 'rename', to: `${page}/2`, alias: 'yes' })
  const old = (await browser.get(`/admin/page?url=${page}`)).body
  assert.match(old, /You opened <bdi>example\.com\/never-seen<\/bdi>/)
  assert.match(old, /<h1 class="key"><bdi>example\.com\/never-seen\/2<\/bdi>/)
  const taken = (await browser.get('/admin/page?url=example.com/given-up')).body
  assert.doesNotMatch(taken, /Give up/)
  const found = (await browser.get(`/admin/?part=https://${page}`)).body
  assert.match(found, /never-seen is an old address of <a [^>]*><bdi>example\.com\/never-seen\/2/)
  const asked = (await browser.post('page', { page, action: 'unalias' })).body
  assert.match(
    asked,
    /Give up example\.com\/never-seen\? It is an old address of [^ ]*\/2 \(12 hits\)/,
  )
  const given = { page, action: 'unalias', confirm: 'yes', reason: 'typo' }
  const { location } = (await browser.post('page', given)).headers
  assert.match(
    (await browser.get(`/admin/${location}`)).body,
    /example\.com\/never-seen is given up/,
  )
  const log = (await browser.get('/admin/audit')).body.replaceAll(/<[^>]*>/g, '')
  assert.match(
    log,
    /Old address example\.com\/never-seen of example\.com\/never-seen\/2 given up\s+typo/,
  )
  assert.match((await browser.get(`/admin/page?url=${page}`)).body, /Begin at this number/)
})

test('of a page with many old addresses, some are shown', async () => {
  const page = key('example.com/many')
  const aliases = Array.from({ length: 103 }, (_, at) => key(`example.com/many/${at}`))
  await store.admin.change(
    [page, ...aliases].map((each) => ({ action: 'set', page: each, hits: 1 })),
    deed(),
  )
  await store.admin.change(
    aliases.map((alias) => ({ action: 'merge', page: alias, into: page })),
    deed(),
  )
  const { body } = await browser.get(`/admin/page?url=${page}`)
  assert.equal(body.match(/Give up/g)?.length, 100)
  assert.match(body, /and 3 more/)
})

test('of two operators, the second is told what was changed meanwhile', async () => {
  const page = 'example.com/two'
  await get(`/count?url=${page}`)
  const back = `page?url=${page}`
  await browser.post('page', { page, action: 'set', hits: '5', version: '0', reason: 'first' })
  const late = { page, action: 'set', hits: '6', version: '0', reason: 'second', back }
  const refused = await browser.post('page', late)
  assert.equal(refused.statusCode, 412)
  assert.match(
    refused.body,
    /example\.com\/two was changed meanwhile, by session \d+ at 2026-01-15 12:00 UTC, and not to what you typed\. Press again/,
  )
  assert.match(refused.body, /from 1 to 5[\s\S]*first/, 'the change is in the history')
  assert.match(refused.body, /value="6"/, 'what was typed stays')
  const [, version = ''] = /name="version" value="(\d+)"/.exec(refused.body) ?? []
  assert.notEqual(version, '0', 'the page is now the present one, and can be sent again')
  assert.equal((await browser.post('page', { ...late, version })).statusCode, 303)
})

test('the hits of an hour are taken back from the page or from the spikes', async (t) => {
  const built = await build(t, ADMIN)
  const own = await signIn(built)
  for (let visit = 0; visit < 7; visit++) await built.get('/count?url=example.com/spike')
  await built.get('/count?url=example.com/spike', { 'user-agent': 'Googlebot/2.1' })
  await built.get('/count?url=example.com/calm')
  // Visits that do not count are written a moment later.
  await new Promise((resolve) => setTimeout(resolve, 1200))
  const { body } = await own.get('/admin/spikes')
  assert.match(body, /spike[\s\S]*>7<[\s\S]*>0<[\s\S]*>13%<[\s\S]*Take back 7/)
  assert.doesNotMatch(body, /calm/, 'one hit is no spike')
  assert.match(
    (await own.get('/admin/page?url=example.com/spike')).body,
    /2026-01-15, 12:00 to 13:00 UTC: 7 hits/,
  )
  const [, hour = ''] = /name="hour" value="(\d+)"/.exec(body) ?? []
  const fields = { page: 'example.com/spike', action: 'take-back', hour }
  assert.match((await own.post('page', fields)).body, /name="confirm" value="yes"/)
  await own.post('page', { ...fields, confirm: 'yes' })
  assert.match((await own.get('/admin/spikes')).body, /No page had more hits/)
  const earlier = (await own.get(`/admin/spikes?hour=${Number(hour) - 1}`)).body
  assert.match(earlier, /2026-01-15, 11:00 to 12:00 UTC/)
  assert.match(earlier, /The hour after/)
})

test('lists show the entries of config.ts, which cannot be changed here, and who added the others', async (t) => {
  const built = await build(t, { ...ADMIN, BAN_ADDRESSES: '198.51.100.0/24' })
  const own = await signIn(built)
  const before = (await own.get('/admin/lists')).body
  assert.match(before, /198\.51\.100\.0\/24[\s\S]*BAN_ADDRESSES/)
  assert.doesNotMatch(before, /type="checkbox"/)
  const rule = { action: 'add', kind: 'ban', pattern: '203.0.113.0/28', reason: 'Floods' }
  assert.equal((await own.post('rules', { ...rule, ends: '2026-02-01' })).statusCode, 303)
  const after = (await own.get('/admin/lists')).body
  assert.match(
    after,
    /203\.0\.113\.0\/28[\s\S]*by <bdi>session 1<\/bdi>[\s\S]*Floods[\s\S]*2026-02-01/,
  )
  assert.equal(after.match(/type="checkbox"/g)?.length, 1)
  const tried = async (query: string) =>
    (await own.get(`/admin/lists?${query}`)).body.replaceAll(/<[^>]*>/g, '')
  assert.match(await tried('address=203.0.113.9'), /is banned, by 203\.0\.113\.0\/28 in Bans/)
  assert.match(await tried('address=nowhere'), /nowhere is not an address/)
  assert.match(await tried('address=198.51.100.9'), /is banned, by .* in BAN_ADDRESSES/)
  assert.match(await tried('address=192.0.2.1&page=example.com'), /A visit with all that\s*counts/)
})

test('a page rule is tried on known pages before it is kept, and merges them if wanted', async (t) => {
  const built = await build(t, ADMIN)
  const own = await signIn(built)
  for (const page of ['example.com/item/1', 'example.com/item/2']) {
    await built.get(`/count?url=${page}`)
  }
  const rule = { pattern: 'example.com/item/*', becomes: 'example.com/item' }
  const fields = { action: 'add', kind: 'page-rule', ...rule, back: 'lists?kind=page-rule' }
  const asked = (await own.post('rules', fields)).body.replaceAll(/<[^>]*>/g, '')
  assert.match(
    asked,
    /Add the page rule “example\.com\/item\/\*” \(they become “example\.com\/item”\)\?/,
  )
  assert.match(asked, /It changes 2 of the 2 pages that are known\. Together they have 2 hits\./)
  assert.match(asked, /example\.com\/item\/1 \(1 hit\) becomes example\.com\/item \(0\)/)
  const added = await own.post('rules', { ...fields, confirm: 'yes', merge: 'yes' })
  assert.equal(added.statusCode, 303)
  assert.match((await own.get(`/admin/${added.headers.location}`)).body, /2 known pages are merged/)
  assert.equal((await built.get('/nocount?url=example.com/item/1')).body, '2')
  const tried = (await own.get('/admin/lists?page=example.com/item/9')).body
  assert.match(
    tried.replaceAll(/<[^>]*>/g, ''),
    /becomes example\.com\/item, by example\.com\/item/,
  )
})

test('without administration, /page has no form for owners, and a removed page says so', async (t) => {
  const built = await build(t)
  const plain = (await built.get('/page?url=example.com/a&done=set')).body
  assert.doesNotMatch(plain, /Your key|The number is set/)
  const removed = [{ action: 'remove', page: key('example.com/a') }] as const
  await built.get('/count?url=example.com/a')
  await built.store.admin.change(removed, deed())
  const gone = await built.get('/page?url=example.com/a')
  assert.equal(gone.statusCode, 410)
  assert.match(gone.body, /removed that page/)
})

test('a page one level up is where its links lead', async () => {
  const bare = await browser.get('/admin')
  assert.equal(bare.statusCode, 301)
  assert.equal(bare.headers.location, 'admin/')
  const { body, statusCode } = await browser.get('/admin/no/such/page')
  assert.equal(statusCode, 404)
  assert.match(body, /href="\.\.\/\.\.\/\.\.\/assets\//)
  assert.match(body, /href="\.\.\/\.\.\/bin"/)
})

test('a page that is asked for in another spelling leads to its one address', async () => {
  for (const [path, address] of [
    ['/admin', '/admin/'],
    ['/admin?part=a&sort=today', '/admin/?part=a&sort=today'],
    ['/%61dmin', '/admin/'],
    ['/%61dmin/', '/admin/'],
    ['/%61dmin/lists?kind=ban', '/admin/lists?kind=ban'],
    ['/admin/%6Cists', '/admin/lists'],
  ] as const) {
    const { statusCode, headers } = await browser.get(path)
    assert.equal(statusCode, 301, path)
    // A proxy may have taken the beginning of the path away.
    const base = new URL(`http://localhost/hits${path}`)
    assert.equal(String(new URL(String(headers.location), base)), `http://localhost/hits${address}`)
    assert.equal((await browser.get(address)).statusCode, 200, address)
  }
})

test('an entry that does not hold is shown with the reason, and can be removed', async (t) => {
  const service = await build(t, ADMIN)
  const operator = await signIn(service)
  const rule = { replacement: '', endsAt: null, ...deed() }
  const added = await service.store.admin.addRules([
    { ...rule, kind: 'deny-page', pattern: '(<i>' },
    { ...rule, kind: 'deny-page', pattern: '^right' },
    { ...rule, kind: 'ban', pattern: '192.0.2.1' },
  ])
  const list = async (kind: string) => (await operator.get(`/admin/lists?kind=${kind}`)).body
  await until(async () => (await list('deny-page')).includes('^right'))
  const html = await list('deny-page')
  checkMarkup(html, 'lists')
  assert.match(
    html,
    /<code><bdi>\(&#60;i&#62;<\/bdi><\/code> <span class="reason wrong">It does not hold: .*missing/,
  )
  assert.match(html, /Denied pages <span class="count">2</)
  assert.equal(html.match(/It does not hold/g)?.length, 1)
  assert.doesNotMatch(await list('ban'), /It does not hold/)
  const id = String(added[0]?.id)
  const removed = await operator.post('rules', { action: 'remove', id, back: 'lists' })
  assert.match(String(removed.headers.location), /^lists\?done=remove-rule/)
  assert.doesNotMatch(await list('deny-page'), /It does not hold/)
})

test('the audit log says who was merged into whom, and what was done with lists', async (t) => {
  const built = await build(t, ADMIN)
  const own = await signIn(built)
  for (const page of ['example.com/a', 'example.com/b', 'example.com/b']) {
    await built.get(`/count?url=${page}`)
  }
  const merge = { page: 'example.com/b', action: 'merge', into: 'example.com/a', confirm: 'yes' }
  await own.post('page', merge)
  const rule = { action: 'add', kind: 'page-rule', pattern: 'example.com/{en,de}/*' }
  await own.post('rules', { ...rule, becomes: 'example.com/*' })
  const text = async (path: string) =>
    (await own.get(`/admin/${path}`)).body.replaceAll(/<[^>]*>/g, '')
  const log = await text('audit')
  assert.match(log, /example\.com\/b merged into example\.com\/a: 2 hits, 3 together/)
  assert.match(log, /Page rule 1 added: example\.com\/\{en,de\}\/\* becomes example\.com\/\*/)
  const ofPage = await text('page?url=example.com/a')
  assert.match(ofPage, /example\.com\/b merged into this page: 2 hits, 3 together/)
})

test('known pages are merged by a rule that holds only after they were shown', async (t) => {
  const built = await build(t, ADMIN)
  const own = await signIn(built)
  await built.get('/count?url=example.com/de/about')
  const rule = { action: 'add', kind: 'page-rule', pattern: 'example.com/{en,de}/*' }
  await own.post('rules', { ...rule, becomes: 'example.com/*', confirm: 'yes' })
  const asked = await own.post('rules', { action: 'merge', id: '1', kind: 'page-rule' })
  const text = asked.body.replaceAll(/<[^>]*>/g, '')
  assert.match(text, /Merge the known pages of the page rule “example\.com\/\{en,de\}\/\*”/)
  assert.match(text, /example\.com\/de\/about \(1 hit\) becomes example\.com\/about \(0\)/)
  assert.doesNotMatch(asked.body, /name="merge"/)
  assert.equal(await readCount(built.store, 'example.com/de/about'), 1)
  await own.post('rules', { action: 'merge', id: '1', confirm: 'yes' })
  assert.equal(await readCount(built.store, 'example.com/about'), 1)
})

test('a browser that is signed in finds the page of administration on /page', async () => {
  const link = /href="admin\/page\?url=example\.com%2Fform"/
  await get('/count?url=example.com/form')
  assert.match((await browser.get('/page?url=example.com/form')).body, link)
  assert.doesNotMatch((await get('/page?url=example.com/form')).body, link)
})
