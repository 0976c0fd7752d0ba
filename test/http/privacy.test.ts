import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { readSettings } from '../../config.ts'
import { privacyPage } from '../../src/http/site/privacy.ts'
import { build } from '../harness/app.ts'

const cases: [env: Record<string, string>, says: RegExp[], not: RegExp[]][] = [
  [
    {},
    [
      /without its query, and/,
      /for 5 minutes/,
      /After 90 days the hours/,
      /Kept for good\.<\/dd>/,
      /Neither your address nor a hash/,
      /visits of the last 10 minutes/,
      /in which\s+hour, and nothing/,
      /removed once in some 65,000 visits/,
      /removed within seconds, and overwritten on the disk within two minutes\./,
    ],
    [
      /in which\s+minute/,
      /Numbers older than/,
      /keyed hash/,
      /Addresses that asked lately/,
      /No window cookie/,
      /Wrong keys/,
    ],
  ],
  [
    { WINDOW_SECONDS: '0', KEEP_HOURS_DAYS: '0', KEEP_HISTORY_DAYS: '1' },
    [/No window cookie/, /Numbers older than 1 day are removed/],
    [/The window cookie/, /Tokens/, /the hours are added up/],
  ],
  [
    { KEEP_HISTORY_DAYS: '30' },
    [/Numbers older than 30 days are removed/],
    [/the hours are added up/, /removed\. Kept for good/],
  ],
  [
    { WITHOUT_COOKIE: 'fingerprint', WINDOW_SECONDS: '86400' },
    [/Browsers without a cookie/, /for 1 day,/],
    [/A limit for each address/, /Neither your address/],
  ],
  [
    { LIMIT_PER_ADDRESS: '1', WINDOW_SECONDS: '90' },
    [/A limit for each address/, /to 1 live visit\./, /kept for 90 seconds/],
    [/Browsers without a cookie/, /Neither your address/],
  ],
  [
    { LIMIT_PER_ADDRESS_AND_PAGE: '2', WINDOW_SECONDS: '90' },
    [/A limit for each address and page/, /to 2 live visits on one page\./],
    [/A limit for each address</, /Neither your address/],
  ],
  [{ ADMIN: 'true' }, [/Wrong keys/], []],
  [{}, [/Anybody sees statistics/, /each visit while it happens/], [/Statistics are private/]],
  [
    { LIVE_LIMIT: '0' },
    [/Anybody sees statistics/],
    [/each visit while it happens/, /While somebody looks/],
  ],
  [
    { ADMIN: 'true', STATS: 'private' },
    [/Statistics are private/, /An owner’s key/],
    [/Anybody sees statistics/, /are public, with/],
  ],
  [
    { KEEP_HISTORY_DAYS: '90' },
    [/Numbers older than 90 days are removed/],
    [/the hours are added up/],
  ],
  [{ RATE_LIMIT: '60' }, [/Addresses that asked lately/], [/Neither your address/]],
  [{ RATE_LIMIT_NOT_FOUND: '60' }, [/Addresses that asked lately/], [/Neither your address/]],
  [{ KEEP_QUERY: 'id, <b>' }, [/its query except for id, &#60;b&#62;, and/], [/<b>/]],
  [
    { DATABASE_URL: 'postgres://a.example/b' },
    [/in which minute, and nothing/, /removed after some seconds\./, /is removed within seconds\./],
    [/in which hour/, /overwritten/],
  ],
  [{ ACTIVE_MINUTES: '60' }, [/visits of the last 1 hour/], []],
]
const html = readFileSync(join(import.meta.dirname, '../../public/privacy.html'), 'utf8')

for (const [env, says, not] of cases) {
  test(`with ${JSON.stringify(env)} the page says what applies, and nothing else`, () => {
    // The page alone, because a whole service takes a hundred times as long.
    const body = privacyPage(html, readSettings({}, env))
    for (const pattern of says) assert.match(body, pattern)
    for (const pattern of not) assert.doesNotMatch(body, pattern)
    assert.doesNotMatch(body, /<!--\w|<!--\/|\{\{|undefined|NaN/)
  })
}

test('a service shows the page of its own settings', async (t) => {
  const { get } = await build(t, { ACTIVE_MINUTES: '60' })
  const { body, headers } = await get('/privacy')
  assert.match(body, /visits of the last 1 hour/)
  assert.equal(headers['content-type'], 'text/html; charset=utf-8')
  assert.equal(headers['cache-control'], 'no-cache')
})
