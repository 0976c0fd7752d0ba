import assert from 'node:assert/strict'
import test from 'node:test'
import type { Rule, RuleKind } from '../src/admin.ts'
import { agentReader } from '../src/agent.ts'
import { identifyPage, type PageKey } from '../src/page.ts'
import { checkRules, type NewRule } from '../src/rule-check.ts'
import { tryRules } from '../src/rule-trial.ts'
import { compileRules, type RuleSettings } from '../src/rules.ts'

const LISTS = {
  ban: ['192.0.2.0/24'],
  exclude: ['198.51.100.7'],
  'untracked-agent': ['Watchman'],
  'untracked-page': ['shown.example'],
  'deny-page': ['^spam\\.example'],
  'allow-page': [],
}
const SETTINGS: RuleSettings = { lists: LISTS, keepQuery: [] }
const EMPTY: RuleSettings = {
  lists: {
    ...{ ban: [], exclude: [], 'untracked-agent': [], 'untracked-page': [] },
    ...{ 'deny-page': [], 'allow-page': [] },
  },
  keepQuery: [],
}

function rule(kind: RuleKind, pattern: string, replacement = ''): NewRule {
  return { kind, pattern, replacement, endsAt: null }
}

let lastId = 0
function kept(...rules: NewRule[]): Rule[] {
  return rules.map((each) => ({ ...each, id: ++lastId, actor: 'session 1', reason: '', at: 0 }))
}

function check(added: NewRule[], rules: Rule[] = [], settings = EMPTY): Promise<string[]> {
  return checkRules(added, { settings, rules, address: '203.0.113.9', now: 1000 })
}

test('rules and the lists of the settings hold together', async () => {
  const rules = kept(
    rule('ban', '2001:db8::/32'),
    rule('exclude', '198.51.100.0/28'),
    rule('untracked-agent', 'sleuth'),
    rule('untracked-page', '/^a\\.example/draft/'),
    rule('deny-page', 'buy-now'),
    rule('page-rule', 'a.example/item/*', 'a.example/item'),
  )
  const book = await compileRules(SETTINGS, rules)
  for (const address of ['192.0.2.9', '2001:db8::1', '::ffff:192.0.2.9']) {
    assert.equal(book.banned.has(address), true, address)
  }
  assert.equal(book.banned.has('198.51.100.7'), false)
  assert.equal(book.excluded.has('198.51.100.7'), true)
  assert.equal(book.excluded.has('198.51.100.8'), true)
  assert.equal(book.excluded.has('198.51.100.16'), false)
  const read = agentReader('ignore', book.untrackedAgents)
  assert.deepEqual(
    ['the WATCHMAN', 'Sleuth/1', 'Firefox'].map((agent) => read(agent).untracked),
    [true, true, false],
  )
  assert.equal(book.isUntracked('shown.example/a' as PageKey), true)
  assert.equal(book.isUntracked('a.example/draft-1' as PageKey), true)
  assert.equal(book.isUntracked('a.example' as PageKey), false)
  assert.throws(() => identifyPage('spam.example', undefined, book.pages), { code: 'blocked_page' })
  assert.throws(() => identifyPage('a.example/buy-now', undefined, book.pages), {
    code: 'blocked_page',
  })
  assert.equal(identifyPage('a.example/item/9', undefined, book.pages), 'a.example/item')
  assert.deepEqual(book.served, { allow: [], deny: ['^spam\\.example', 'buy-now'] })
})

const REFUSED: [added: NewRule, why: RegExp][] = [
  [rule('ban', '0.0.0.0/0'), /every address/],
  [rule('ban', '::/0'), /every address/],
  [rule('exclude', '::ffff:0:0/96'), /every address/],
  [rule('ban', 'example.com'), /is not an address, or a range/],
  [rule('ban', '192.0.2.1/33'), /is not an address/],
  [rule('ban', '192.0.2.1/1e1'), /is not an address/],
  [rule('ban', '127.1'), /is not an address/],
  [rule('ban', '192.0.2.1', 'x'), /only a page rule/i],
  [rule('untracked-agent', 'Mozilla'), /every ordinary browser/],
  [rule('untracked-agent', 'a/'), /too short/],
  [rule('untracked-page', '/.*/'), /matches every page/],
  [rule('untracked-page', '/x'), /neither a page/],
  [rule('deny-page', '.'), /matches every page/],
  [rule('deny-page', '('), /not a regular expression of RE2: missing/],
  [rule('deny-page', 'a(?=b)'), /no lookahead/],
  [rule('deny-page', 'https://a.example'), /no scheme/],
  [rule('deny-page', '.{900}'.repeat(6)), /too long on every page/],
  [rule('allow-page', '[a'), /not a regular expression/],
  [rule('page-rule', '*', 'a.example'), /all pages one/],
  [rule('page-rule', '*', '*'), /changes nothing/],
  [rule('page-rule', 'a.example', 'a.example'), /changes nothing/],
  [rule('page-rule', 'a.example/*', 'a.example/b/*'), /never comes to an end: .*"a.example\/b\/x"/],
  [rule('page-rule', 'a.example/*', ''), /say what the page becomes/],
  [
    rule('page-rule', 'a.example/*', 'Small Letters'),
    /`Small Letters` is not a page\. Write `lower case` for small letters, or an address such as example\.com\/a\.$/,
  ],
  [rule('page-rule', 'a.example/*', 'small letters/*'), /is not a page/],
  [rule('page-rule', 'a.example/*', 'a+b'), /is not a page/],
  [rule('deny-page', ' a\\.example'), /space/],
  [{ ...rule('ban', '192.0.2.1'), endsAt: 1000 }, /have ended/],
]
for (const [added, why] of REFUSED) {
  test(`${added.kind} ${JSON.stringify(added.pattern.slice(0, 40))} ${added.replacement} is refused`, async () => {
    await assert.rejects(check([added]), { code: 'bad_rule', status: 400, message: why })
    await assert.rejects(check([rule('ban', '192.0.2.1'), added]), { message: why })
  })
}

test('what would be everybody or everything together is refused, with the settings too', async () => {
  const halves = [rule('ban', '0.0.0.0/1'), rule('ban', '128.0.0.0/1')] as const
  await assert.rejects(check([...halves]), /every address/)
  await assert.rejects(check([halves[1]], kept(halves[0])), /every address/)
  await check([halves[1]], kept({ ...halves[0], kind: 'exclude' }))
  const v6 = [rule('exclude', '::/1'), rule('exclude', '8000::/2'), rule('exclude', 'c000::/2')]
  await assert.rejects(check(v6), /every address/)
  await check(v6.slice(1))
  const pages = [rule('deny-page', '^[a-m0-9%[]'), rule('deny-page', '^[n-z]')] as const
  await assert.rejects(check([pages[1]], kept(pages[0])), /match every page/)
  const settings = { ...EMPTY, lists: { ...EMPTY.lists, 'deny-page': ['^[a-m0-9%[]'] } }
  await assert.rejects(check([pages[1]], [], settings), /match every page/)
  const untracked = pages.map(({ pattern }) => rule('untracked-page', `/${pattern}/`))
  await assert.rejects(check(untracked), /match every page/)
  const agents = ['Firefox', 'AppleWebKit'].map((word) => rule('untracked-agent', word))
  await assert.rejects(check(agents), /every ordinary browser/)
})

test('page rules that make a circle together are refused', async () => {
  const there = rule('page-rule', 'a.example/*', 'b.example/*')
  const back = rule('page-rule', 'b.example/x', 'a.example/x')
  await assert.rejects(check([back], kept(there)), {
    message: /never comes to an end: .*becomes "b.example\/x", then "a.example\/x"/,
  })
  assert.deepEqual(await check([rule('page-rule', 'c.example/x', 'a.example/x')], kept(there)), [])
})

test('lists stay so short that a visit is not held up', async () => {
  const many = (count: number, each: (at: number) => NewRule) =>
    Array.from({ length: count }, (_, at) => each(at))
  const host = (at: number) => rule('deny-page', `^h${at}\\.example([/?]|$)`)
  assert.deepEqual(await check(many(3000, host)), [])
  await assert.rejects(
    check(many(2, host), kept(...many(9999, () => rule('ban', '192.0.2.1')))),
    /10,000 entries in all, and there are 9,999/,
  )
  const long = (at: number) => rule('untracked-agent', `${at}${'x'.repeat(900)}`)
  await assert.rejects(check(many(1200, long)), /1,000,000 characters/)
  await assert.rejects(check(many(300, long)), /200,000 characters/)
  const unfound = (at: number) => rule('deny-page', `\\d{${at + 1}}x`)
  assert.deepEqual(await check([rule('deny-page', `^a\\.example/${'x'.repeat(980)}$`)]), [])
  assert.deepEqual(await check(many(20, unfound)), [])
  await assert.rejects(check(many(100, unfound)), /too long on every page/)
  const list = many(100, unfound).map(({ pattern }) => pattern)
  const settings = { ...EMPTY, lists: { ...EMPTY.lists, 'deny-page': list } }
  assert.deepEqual(await check([host(1)], [], settings), [], 'a list of the settings may be long')
  const alike = (at: number) => rule('deny-page', `example\\.com/[a-z]{${at + 1}}\\d`)
  assert.deepEqual(await check(many(20, alike)), [])
  await assert.rejects(check(many(100, alike)), /too long on every page/)
  const nested = (at: number) => rule('deny-page', `${'xy'.repeat(at + 2)}\\d`)
  await assert.rejects(check(many(101, nested)), /too long on every page/)
  const anywhere = (at: number) => rule('page-rule', `*/x${at}`, '*')
  await assert.rejects(check(many(201, anywhere)), /begin alike/)
  const choices = `{${Array.from({ length: 100 }, (_, at) => at).join(',')}}`
  const wide = (at: number) => rule('page-rule', `h${at}.example/${choices}`, 'a.example')
  await assert.rejects(check(many(201, wide)), /20,000 patterns/)
})

test('what hits the operator, many people, or every page so far is asked about', async () => {
  const questions: [added: NewRule, question: RegExp][] = [
    [rule('ban', '203.0.113.0/24'), /your own address, 203\.0\.113\.9/],
    [rule('ban', '10.0.0.0/8'), /16,777,216 addresses/],
    [rule('exclude', '2001:d00::/24'), /2\^104 addresses/],
    [rule('untracked-agent', 'Chrome'), /ordinary browsers, such as/],
    [rule('allow-page', '^a\\.example'), /every page that is not on the list/],
  ]
  for (const [added, question] of questions) {
    const [asked, ...more] = await check([added])
    assert.match(asked ?? '', question)
    assert.deepEqual(more, [])
  }
  const fine = [
    rule('ban', '198.51.100.0/24'),
    rule('exclude', '203.0.113.9'),
    rule('page-rule', '*', 'lower case'),
    rule('page-rule', 'a.example/caps/*', 'Lower Case'),
    rule('page-rule', 'a.example/name/*', 'my-name'),
    rule('page-rule', 'a.example/six/*', '[2001:db8::1]:81/*'),
    rule('page-rule', 'a.example/#/*', ''),
  ]
  assert.deepEqual(await check(fine), [])
  assert.deepEqual(await check([rule('allow-page', 'a')], kept(rule('allow-page', 'b'))), [])
})

test('a trial says what becomes of a visit, and which entry decides', async () => {
  const rules = kept(
    rule('ban', '203.0.113.0/24'),
    rule('page-rule', 'www.*.*', '*.*'),
    rule('page-rule', 'a.example/item/*', 'a.example/item'),
    rule('untracked-page', 'a.example/item'),
  )
  const book = await compileRules(SETTINGS, rules)
  const trial = (given: Parameters<typeof tryRules>[2]) => tryRules(book, 'ignore', given)

  const banned = trial({ address: '203.0.113.9', agent: 'Watchman', page: 'spam.example/x' })
  assert.equal(banned.outcome, 'banned')
  assert.equal(banned.address?.entry?.rule, rules[0])
  assert.deepEqual(
    [banned.agent?.outcome, banned.agent?.entry?.setting],
    ['excluded', 'UNTRACKED_AGENTS'],
  )
  assert.deepEqual(
    [banned.page?.outcome, banned.page?.entry?.setting, banned.page?.page],
    ['refused', 'DENY_PAGES', 'spam.example/x'],
  )
  const item = trial({ address: '198.51.100.1', page: 'https://www.a.example/item/7' })
  assert.equal(item.outcome, 'excluded')
  assert.deepEqual(item.address, { outcome: 'counted', entry: null })
  assert.equal(item.agent, null)
  assert.deepEqual(
    item.page?.steps.map(({ entry, page }) => [entry.rule, page]),
    [
      [rules[1], 'a.example/item/7'],
      [rules[2], 'a.example/item'],
    ],
  )
  assert.equal(item.page?.entry?.rule, rules[3])
  assert.equal(trial({ agent: 'Googlebot/2.1' }).outcome, 'bot')
  assert.equal(tryRules(book, 'count', { agent: 'Googlebot/2.1' }).outcome, 'counted')
  assert.deepEqual(trial({ page: 'b.example' }).page, {
    ...{ outcome: 'counted', entry: null, page: 'b.example', steps: [], problem: null },
  })
  assert.match(trial({ page: 'a..b' }).page?.problem ?? '', /not the address of a web page/)

  const allowing = await compileRules(EMPTY, kept(rule('allow-page', '^a\\.example')))
  const refused = tryRules(allowing, 'ignore', { page: 'b.example' })
  assert.match(refused.page?.problem ?? '', /not on the list of allowed/)
  assert.equal(tryRules(allowing, 'ignore', { page: 'a.example' }).page?.entry?.kind, 'allow-page')
})
