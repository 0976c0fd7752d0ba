import assert from 'node:assert/strict'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import test, { type TestContext } from 'node:test'
import { ConfigError, readConfig, settings } from '../config.ts'
import { checks } from '../src/checks.ts'
import { temporaryFolder } from './harness/app.ts'

test('with nothing set, every setting has its documented default', () => {
  const config = readConfig(checks, {})
  assert.equal(config.PORT, 8080)
  assert.equal(config.HOST, 'localhost')
  assert.equal(config.DATABASE_FILE_PATH, resolve('data/tallymark.db'))
  assert.equal(config.WINDOW_SECONDS, 300)
  assert.equal(config.TOKEN_LENGTH, 12)
  assert.equal(config.TRUST_PROXY, false)
  assert.equal(config.PUBLIC_URL, undefined)
  assert.deepEqual([config.BADGE_LABEL, config.BADGE_COLOR], ['hits', '#2d880b'])
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
  assert.deepEqual(config.ALLOW_PAGES, ['^example\\.com', '^github\\.com/me'])
  assert.deepEqual(config.DENY_PAGES, ['^a{1,3}$', '^b[{]\\{'], 'a line break spares commas')
  assert.deepEqual(config.KEEP_QUERY, ['id', 'lang'])
  assert.deepEqual(config.TRUST_PROXY, ['loopback', '10.0.0.0/8', '::1'])
  assert.equal(config.PUBLIC_URL, 'https://hits.example.org/badges')
  assert.deepEqual(config.TOP_IGNORE, [], 'empty says: hide none')
  assert.equal(config.BADGE_LABEL, '', 'empty says: no label')
  assert.equal(config.WINDOW_SECONDS, 300, 'empty says: not set')
  assert.equal(config.BOTS, 'count')
  assert.equal(config.TIME_ZONE, 'Europe/Berlin')
  assert.deepEqual(config.EXCLUDE_ADDRESSES, ['192.0.2.7', '2001:db8::/32'])
  assert.deepEqual(config.UNTRACKED_PAGES, ['example.com/a', '/^c/'])
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
  ['UNTRACKED_PAGES', '//'],
  ['UNTRACKED_PAGES', '/a/b'],
  ['UNTRACKED_PAGES', '/.*/'],
  ['ALLOW_PAGES', 'https://example.com/'],
  ['DENY_PAGES', 'a(?!b)'],
  ['DENY_PAGES', '.'],
  ['TOP_IGNORE', 'http://localhost'],
  ['KEEP_QUERY', 'id;lang'],
  ['KEEP_QUERY', 'id lang'],
  ['KEEP_QUERY', '?id'],
  ['KEEP_QUERY', 'utm_*'],
  ['HOST', '127.0.0.1:80'],
  ['HOST', '[::1]:80'],
  ['HOST', '[127.0.0.1'],
  ['HOST', 'http://localhost'],
  ['HOST', '*'],
  ['HOST', '0.0.0.0/0'],
  ['DATABASE_FILE_PATH', '~/x.db'],
  ['DATABASE_FILE_PATH', '$HOME/x.db'],
  ['DATABASE_FILE_PATH', `/var/\${NAME}/x.db`],
  ['DATABASE_FILE_PATH', 'data/'],
  ['BADGE_TEMPLATE_FILE', '~/x.svg'],
  ['FACES_DIR', '~/digits'],
  ['FONTS_DIR', '~/fonts'],
  ['PUBLIC_URL', `https://\${DOMAIN}/`],
  ['EXCLUDE_ADDRESSES', '0.0.0.0/0'],
  ['EXCLUDE_ADDRESSES', '10.0.0.1; 10.0.0.2'],
  ['BAN_ADDRESSES', '192.0.2.1, ::/0'],
  ['PORT', '"8080"'],
  ['HOST', "'localhost'"],
  ['BADGE_LABEL', '"hits"'],
  ['BOTS', '`count`'],
  ['WINDOW_SECONDS', '+5'],
  ['WINDOW_SECONDS', '1_000'],
  ['ADMIN', 'yes'],
  ['STATS', 'hidden'],
  ['PURGE_DAYS', '0'],
  ['PURGE_DAYS', '36501'],
]
for (const [name, value] of wrong) {
  test(`${name}=${value.slice(0, 30)} is refused by name`, () => {
    assert.throws(
      () => readConfig(checks, { [name]: value }),
      (error: Error) => error instanceof ConfigError && error.message.includes(`${name}: `),
    )
  })
}

test('statistics are private only where somebody can sign in', () => {
  assert.equal(readConfig(checks, {}).STATS, 'public')
  assert.equal(readConfig(checks, { STATS: 'Private', ADMIN: 'true' }).STATS, 'private')
  const without = () => readConfig(checks, { STATS: 'private' })
  assert.throws(without, /STATS: .* nobody can sign in without ADMIN=true/)
})

test('ADMIN_TOKEN is long, in plain characters, and of use only with ADMIN=true; no message repeats it', () => {
  const good = 'SECRET-0123456789-0123456789-0123'
  const { ADMIN, ADMIN_TOKEN } = readConfig(checks, { ADMIN: ' TRUE ', ADMIN_TOKEN: good })
  assert.deepEqual([ADMIN, ADMIN_TOKEN], [true, good])
  for (const env of [
    { ADMIN: 'true', ADMIN_TOKEN: good.slice(0, 31) },
    { ADMIN: 'true', ADMIN_TOKEN: `${good} ${good}` },
    { ADMIN: 'true', ADMIN_TOKEN: `${good}é` },
    { ADMIN: 'true', ADMIN_TOKEN: good.repeat(40) },
    { ADMIN_TOKEN: good },
    { ADMIN: 'false', ADMIN_TOKEN: good },
  ]) {
    assert.throws(
      () => readConfig(checks, env),
      (error: Error) => error.message.includes('ADMIN_TOKEN: ') && !/SECRET/.test(error.message),
    )
  }
})

test('the message about a wrong database address does not contain its password', () => {
  for (const [name, value] of wrong.filter(([name]) => name.endsWith('_URL'))) {
    assert.throws(
      () => readConfig(checks, { [name]: value }),
      (error: Error) => error.message.includes(name) && !error.message.includes('SECRET'),
    )
  }
  const urls = { DATABASE_URL: 'postgres://me:a%2Fb@host:5433/name?sslmode=verify-full' }
  assert.equal(readConfig(checks, urls).DATABASE_URL, urls.DATABASE_URL)
})

const SECRETS: [name: string, value: string, says: RegExp][] = [
  ['DATABASE_FILE_PATH', 'postgres://a:SECRET@b/c', /DATABASE_URL is for PostgreSQL/],
  ['DATABASE_FILE_PATH', ' PostgreSQL://a:SECRET@b/c', /DATABASE_URL/],
  ['DATABASE_FILE_PATH', 'mysql://a:SECRET@b/c', /DATABASE_URL/],
  ['DATABASE_FILE_PATH', 'host=b dbname=c password=SECRET', /DATABASE_URL/],
  ['DATABASE_URL', '"postgres://a:SECRET@b/c"', /is in quotation marks/],
  ['DATABASE_FILE_PATH', "'postgres://a:SECRET@b/c'", /is in quotation marks/],
]
test('a file that is written as a URL is refused, with the path to write', () => {
  for (const value of ['file:///tmp/x.db', 'sqlite:////tmp/x.db']) {
    assert.throws(
      () => readConfig(checks, { DATABASE_FILE_PATH: value }),
      /DATABASE_FILE_PATH: is written as a URL; write the path alone: \/tmp\/x\.db$/m,
    )
  }
})

test('a server’s address in place of a file is refused, with the right setting and without the password', () => {
  for (const [name, value, says] of SECRETS) {
    assert.throws(
      () => readConfig(checks, { [name]: value }),
      (error: Error) => says.test(error.message) && !error.message.includes('SECRET'),
      value,
    )
  }
})

const CONTRADICTIONS: [env: Record<string, string>, says: RegExp][] = [
  [{ WITHOUT_COOKIE: 'fingerprint', WINDOW_SECONDS: '0' }, /WITHOUT_COOKIE: .*WINDOW_SECONDS=0/],
  [{ LIMIT_PER_ADDRESS: '5', WINDOW_SECONDS: '0' }, /LIMIT_PER_ADDRESS: .*WINDOW_SECONDS=0/],
  [{ LIMIT_PER_ADDRESS_AND_PAGE: '5', WINDOW_SECONDS: '0' }, /_AND_PAGE: .*WINDOW_SECONDS=0/],
  [{ LIMIT_PER_ADDRESS_AND_PAGE: '6', LIMIT_PER_ADDRESS: '5' }, /_AND_PAGE: is never reached/],
  [{ MAX_PAGES_PER_HOST: '11', MAX_PAGES: '10' }, /MAX_PAGES_PER_HOST: is never reached/],
  [{ KEEP_HOURS_DAYS: '40', KEEP_HISTORY_DAYS: '30' }, /KEEP_HOURS_DAYS: .*for 30 days/],
]
test('settings that contradict each other are refused with the reason, others are accepted', () => {
  for (const [env, says] of CONTRADICTIONS) {
    assert.throws(() => readConfig(checks, env), { message: says }, JSON.stringify(env))
  }
  const fine = [
    { LIMIT_PER_ADDRESS_AND_PAGE: '5', LIMIT_PER_ADDRESS: '5' },
    { LIMIT_PER_ADDRESS_AND_PAGE: '5', WITHOUT_COOKIE: 'fingerprint' },
    { KEEP_HISTORY_DAYS: '30' },
    { KEEP_HISTORY_DAYS: '30', KEEP_HOURS_DAYS: '0' },
    { MAX_PAGES_PER_HOST: '11', MAX_PAGES: '0' },
    { DATABASE_FILE_PATH: 'a.db', DATABASE_URL: 'postgres://me@host/name' },
    { WINDOW_SECONDS: '0' },
  ]
  for (const env of fine) readConfig(checks, env)
})

test('unambiguous spellings are accepted', () => {
  assert.equal(readConfig(checks, { HOST: ' [::1] ' }).HOST, '::1')
  for (const HOST of ['::', 'fe80::1%eth0', 'my_host.example-1', '0.0.0.0']) {
    assert.equal(readConfig(checks, { HOST }).HOST, HOST)
  }
  for (const TRUST_PROXY of ['0.0.0.0/0', '::/0', 'TRUE ', '10.0.0.0/8, ::/0']) {
    assert.equal(readConfig(checks, { TRUST_PROXY }).TRUST_PROXY, true)
  }
  const paths = readConfig({}, { DATABASE_FILE_PATH: ' x/../a.db\r', FACES_DIR: 'digits ' })
  assert.equal(paths.DATABASE_FILE_PATH, resolve('a.db'))
  assert.equal(paths.FACES_DIR, resolve('digits'))
  assert.equal(readConfig(checks, { BADGE_LABEL: ' my "hits" ' }).BADGE_LABEL, 'my "hits"')
})

/** Loads a copy of config.ts with edited defaults, as its first lines suggest. */
async function edited(t: TestContext, edits: Record<string, string>): Promise<typeof readConfig> {
  const root = join(import.meta.dirname, '..')
  const folder = temporaryFolder(t)
  for (const name of ['src', 'node_modules', 'package.json']) {
    symlinkSync(join(root, name), join(folder, name))
  }
  let text = readFileSync(join(root, 'config.ts'), 'utf8')
  for (const [name, value] of Object.entries(edits)) {
    const line = new RegExp(`^(  ${name}: .*default: )(?:'[^']*'|[^,]*)(, desc)`, 'm')
    assert.match(text, line)
    text = text.replace(line, (_all, before, after) => before + value + after)
  }
  writeFileSync(join(folder, 'config.ts'), text)
  return (await import(join(folder, 'config.ts'))).readConfig
}

test('edited defaults in config.ts are checked like values, and reported by name', async (t) => {
  const wrong = {
    HOST: 'undefined',
    PORT: '80.5',
    WINDOW_SECONDS: '-5',
    TOKEN_LENGTH: 'null',
    BOTS: "'nope'",
    DENY_PAGES: "['https://example.com']",
    ALLOW_PAGES: '[/a(?=b)/]',
    UNTRACKED_PAGES: '[42, {}]',
    TRUST_PROXY: "'yes'",
    BADGE_COLOR: "'nocolour'",
    KEEP_HISTORY_DAYS: 'Number.NaN',
    MAX_PAGES: '5',
    MAX_PAGES_PER_HOST: '6',
  }
  const read = await edited(t, wrong)
  const named = (env: Record<string, string>) => {
    try {
      read(checks, env)
    } catch (error) {
      return [...(error as Error).message.matchAll(/^ {2}(\w+): .*/gm)].map(([line]) => line)
    }
    return []
  }
  const lines = named({})
  const names = lines.map((line) => /\w+/.exec(line)?.[0] ?? '')
  const { MAX_PAGES: _fine, ...others } = wrong
  assert.deepEqual(names.sort(), Object.keys(others).sort())
  for (const line of lines) assert.match(line, / \(its default in config\.ts\)$/)
  const given = { TRUST_PROXY: 'no', WINDOW_SECONDS: '5', HOST: 'localhost' }
  const changed = named(given)
  assert.equal(changed.length, lines.length - 2)
  assert.ok(
    changed.includes(
      '  TRUST_PROXY: "no" is not true, false, an address, a range such as 10.0.0.0/8, or loopback, linklocal, uniquelocal; commas separate several',
    ),
  )
})

test('valid edited defaults are accepted, also patterns that are written as JavaScript’s RegExp', async (t) => {
  const read = await edited(t, {
    DENY_PAGES: "['^example\\\\.com', /a{1,3}$/i]",
    UNTRACKED_PAGES: "['example.com/a', /^b\\//]",
    TRUST_PROXY: "['loopback', '10.0.0.0/8']",
    WINDOW_SECONDS: '5 * 60',
    TOP_IGNORE: '[]',
    PUBLIC_URL: "'https://hits.example.org/'",
    BADGE_LABEL: "''",
  })
  const config = read(checks, {})
  assert.deepEqual(config.DENY_PAGES, ['^example\\.com', '(?i)a{1,3}$'])
  assert.deepEqual(config.UNTRACKED_PAGES, ['example.com/a', '/^b\\//'])
  assert.deepEqual(config.TRUST_PROXY, ['loopback', '10.0.0.0/8'])
  assert.deepEqual([config.WINDOW_SECONDS, config.TOP_IGNORE, config.BADGE_LABEL], [300, [], ''])
  assert.equal(config.PUBLIC_URL, 'https://hits.example.org')
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
