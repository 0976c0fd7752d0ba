import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { ConfigError, readConfig, settings } from '../config.ts'
import { checkColor, checkLabel } from '../src/badge/badge.ts'
import { pageMatcher } from '../src/page.ts'
import { checkTimeZone } from '../src/period.ts'

const checks = {
  BADGE_LABEL: checkLabel,
  BADGE_COLOR: checkColor,
  TIME_ZONE: checkTimeZone,
  UNTRACKED_PAGES: (list: (string | RegExp)[]) => pageMatcher(list),
}

test('with nothing set, every setting has its documented default', () => {
  const config = readConfig(checks, {})
  assert.equal(config.PORT, 8080)
  assert.equal(config.HOST, 'localhost')
  assert.equal(config.DATABASE_FILE_PATH, 'data/tallymark.db')
  assert.equal(config.WINDOW_SECONDS, 300)
  assert.equal(config.TOKEN_LENGTH, 12)
  assert.equal(config.TRUST_PROXY, false)
  assert.equal(config.PUBLIC_URL, undefined)
  assert.deepEqual([config.BADGE_LABEL, config.BADGE_COLOR], ['hits', '#4c1'])
})

test('values are read into their types', () => {
  const config = readConfig(checks, {
    PORT: '0',
    ALLOW_PAGES: '^example\\.com, ^github\\.com/me',
    DENY_PAGES: '^a{1,3}$\n^b[{]\\{',
    KEEP_QUERY: 'id, lang, id',
    TRUST_PROXY: 'loopback, 10.0.0.0/8, ::1',
    PUBLIC_URL: 'https://hits.example.org/badges/',
    TOP_IGNORE: '',
    BADGE_LABEL: '',
    WINDOW_SECONDS: ' ',
    BOTS: ' Count ',
    TIME_ZONE: ' Europe/Berlin ',
    EXCLUDE_ADDRESSES: '192.0.2.7, 2001:db8::/32',
    UNTRACKED_PAGES: 'example.com/a, /^c/',
  })
  assert.equal(config.PORT, 0)
  assert.deepEqual(config.ALLOW_PAGES.map(String), ['/^example\\.com/', '/^github\\.com\\/me/'])
  assert.deepEqual(
    config.DENY_PAGES.map(String),
    ['/^a{1,3}$/', '/^b[{]\\{/'],
    'a line break spares commas',
  )
  assert.deepEqual(config.KEEP_QUERY, ['id', 'lang'])
  assert.deepEqual(config.TRUST_PROXY, ['loopback', '10.0.0.0/8', '::1'])
  assert.equal(config.PUBLIC_URL, 'https://hits.example.org/badges')
  assert.deepEqual(config.TOP_IGNORE, [], 'empty says: hide none')
  assert.equal(config.BADGE_LABEL, '', 'empty says: no label')
  assert.equal(config.WINDOW_SECONDS, 300, 'empty says: not set')
  assert.equal(config.BOTS, 'count')
  assert.equal(config.TIME_ZONE, 'Europe/Berlin')
  assert.deepEqual(config.EXCLUDE_ADDRESSES, ['192.0.2.7', '2001:db8::/32'])
  assert.deepEqual(config.UNTRACKED_PAGES, ['example.com/a', /^c/])
})

const wrong: [name: string, value: string][] = [
  ['PORT', '80a'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '1e3'],
  ['WINDOW_SECONDS', '1.5'],
  ['WINDOW_SECONDS', '5m'],
  ['TOKEN_LENGTH', '7'],
  ['TOKEN_LENGTH', '65'],
  ['ALLOW_PAGES', '('],
  ['DENY_PAGES', 'a, [b'],
  ['TOP_IGNORE', '*'],
  ['TOP_HOSTS', '101'],
  ['TOP_PAGES', 'ten'],
  ['TRUST_PROXY', 'yes'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['TRUST_PROXY', '10.0.0.0/8/8'],
  ['TRUST_PROXY', '1'],
  ['TRUST_PROXY', '0.0.0.0/0'],
  ['TRUST_PROXY', ','],
  ['ALLOW_PAGES', ','],
  ['DENY_PAGES', '^a{1,3}$'],
  ['DATABASE_FILE_PATH', ':memory:'],
  ['DATABASE_FILE_PATH', 'file:x.db'],
  ['DATABASE_URL', 'mysql://me:SECRET@host/name'],
  ['DATABASE_URL', 'postgres://me:SECRET@host'],
  ['DATABASE_URL', 'postgres://me:SECRET@host/'],
  ['DATABASE_URL', 'postgres://me:42/SECRET@host/name'],
  ['DATABASE_URL', 'host=here password=SECRET'],
  ['DATABASE_READ_URL', 'postgres://me:SECRET@replica/name'],
  ['PUBLIC_URL', 'https://hits.example.org/?'],
  ['PUBLIC_URL', 'https://hits.example.org/#'],
  ['PUBLIC_URL', 'https://me@hits.example.org/'],
  ['PUBLIC_URL', 'https://:secret@hits.example.org/'],
  ['PUBLIC_URL', 'hits.example.org'],
  ['PUBLIC_URL', 'ftp://hits.example.org'],
  ['PUBLIC_URL', 'https://hits.example.org/?a=1'],
  ['BADGE_COLOR', 'nocolour'],
  ['BADGE_COLOR', 'constructor'],
  ['BADGE_LABEL', 'x'.repeat(81)],
  ['LOG_LEVEL', 'loud'],
  ['BOTS', 'some'],
  ['WITHOUT_COOKIE', 'yes'],
  ['ACTIVE_MINUTES', '0'],
  ['KEEP_HISTORY_DAYS', '-1'],
  ['LIMIT_PER_ADDRESS', 'few'],
  ['TIME_ZONE', '+02:00'],
  ['TIME_ZONE', 'PST'],
  ['TIME_ZONE', 'Mars/Base'],
  ['EXCLUDE_ADDRESSES', 'example.com'],
  ['EXCLUDE_ADDRESSES', '10.0.0.0/33, 192.0.2.1'],
  ['BAN_ADDRESSES', '10.0.0.0/0'],
  ['BAN_ADDRESSES', 'loopback'],
  ['UNTRACKED_PAGES', '/(/'],
  ['UNTRACKED_PAGES', '/^a{1,3}/'],
  ['UNTRACKED_PAGES', ':::'],
  ['UNTRACKED_PAGES', '//'],
  ['UNTRACKED_PAGES', '/a/b'],
]
for (const [name, value] of wrong) {
  test(`${name}=${value.slice(0, 30)} is refused by name`, () => {
    assert.throws(
      () => readConfig(checks, { [name]: value }),
      (error: Error) => error instanceof ConfigError && error.message.includes(`${name}: `),
    )
  })
}

test('no password is told of a database whose address is wrong', () => {
  for (const [name, value] of wrong.filter(([name]) => name.endsWith('_URL'))) {
    assert.throws(
      () => readConfig(checks, { [name]: value }),
      (error: Error) => error.message.includes(name) && !error.message.includes('SECRET'),
    )
  }
  const urls = { DATABASE_URL: 'postgres://me:a%2Fb@host:5433/name?sslmode=verify-full' }
  assert.equal(readConfig(checks, urls).DATABASE_URL, urls.DATABASE_URL)
})

test('all wrong settings are named at once', () => {
  const env = { PORT: 'x', WINDOW_SECONDS: 'y', BADGE_COLOR: 'z', DENY_PAGES: '(', HOST: 'fine' }
  assert.throws(
    () => readConfig(checks, env),
    (error: Error) => {
      const named = [...error.message.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name)
      assert.deepEqual(named.sort(), ['BADGE_COLOR', 'DENY_PAGES', 'PORT', 'WINDOW_SECONDS'])
      assert.match(error.message, /^4 settings are wrong:/)
      return true
    },
  )
})

test('docs/configuration.md names every setting with its default, and no other', () => {
  const docs = readFileSync(join(import.meta.dirname, '../docs/configuration.md'), 'utf8')
  const rows = [...docs.matchAll(/^\| `([A-Z_]+)` \| ([^|]*) \|/gm)].map(
    ([, name, value]) => [name, value?.trim()] as const,
  )
  assert.deepEqual(
    rows.map(([name]) => name),
    Object.keys(settings),
  )
  for (const [name, shown] of rows) {
    const value = settings[name as keyof typeof settings].default
    const simple = typeof value !== 'object' && value !== undefined
    if (simple) assert.equal(shown, `\`${value}\``, `the default of ${name}`)
  }
})
