import assert from 'node:assert/strict'
import test from 'node:test'
import type { FastifyRequest } from 'fastify'
import { AddressRanges } from '../../src/address.ts'
import { agentReader } from '../../src/agent.ts'
import { VisitReader, type VisitRules } from '../../src/http/visit.ts'
import { pageFilter, pageMatcher } from '../../src/pattern.ts'
import { cookieName } from '../../src/token.ts'

const reader = (rules: Partial<VisitRules> = {}) =>
  new VisitReader({
    pages: { keepQuery: [], isServed: pageFilter({ allow: [], deny: ['^secret'] }) },
    isUntracked: pageMatcher(['shown.example']),
    readAgent: agentReader('ignore', ['watchman']),
    excluded: new AddressRanges(['192.0.2.0/24']),
    recognises: false,
    ...rules,
  })
const request = (headers: Record<string, string> = {}, more: object = {}) =>
  ({ method: 'GET', ip: '198.51.100.1', headers, ...more }) as FastifyRequest

test('the page is the one that url names, or else the Referer, and is cached', () => {
  const visits = reader()
  const first = visits.identify('https://Example.com/a/', 'https://other.example/')
  assert.equal(first.page, 'example.com/a')
  assert.equal(first.cookie, cookieName(first.page))
  assert.equal(visits.identify('https://Example.com/a/', undefined), first, 'it is remembered')
  assert.equal(visits.identify('', 'https://other.example/').page, 'other.example')
  assert.throws(() => visits.identify('secret.example', undefined), /does not serve that page/)
  assert.throws(() => visits.identify(undefined, undefined), /Say which page/)
})

test('a visit holds what decides whether it counts; a read-only one holds its page alone', () => {
  const query = { url: 'example.com' }
  const read = (...given: Parameters<typeof request>) =>
    reader().read(request(...given), query, true)
  const { page, cookie } = reader().identify('example.com', undefined)
  assert.deepEqual(read(), {
    ...{ page, cookie, readOnly: false, excluded: null, bot: false },
    ...{ site: null, tokens: [], reserved: false, visitor: null },
  })
  assert.deepEqual(read({ cookie: `${cookie}=7.secretsecret; ${cookie}=nonsense` }).tokens, [
    { id: 7, secret: 'secretsecret' },
  ])
  assert.equal(read({}, { ip: '192.0.2.9' }).excluded, 'address')
  assert.equal(read({ 'user-agent': 'A Watchman' }).excluded, 'agent')
  assert.equal(read({ cookie: 'tm_me=off' }).excluded, 'browser')
  assert.equal(reader().read(request(), { url: 'shown.example/a' }, true).excluded, 'page')
  assert.equal(read({ 'user-agent': 'Googlebot/2.1' }).bot, true)
  assert.equal(read({ dnt: '1' }).reserved, true)
  for (const reading of [
    read({ 'user-agent': 'Googlebot/2.1', 'sec-purpose': 'prefetch' }),
    read({ cookie: 'tm_me=off' }, { method: 'HEAD' }),
    reader().read(request({ dnt: '1' }), query, false),
  ]) {
    assert.deepEqual(reading, {
      ...{ page, cookie, readOnly: true, excluded: null, bot: false },
      ...{ site: null, tokens: [], reserved: false, visitor: null },
    })
  }
})

test('a visitor is described only if visitors are recognised, and this one may be', () => {
  const visits = reader({ recognises: true })
  const read = (headers: Record<string, string>) =>
    visits.read(request(headers), { url: 'example.com' }, true).visitor
  const headers = { 'user-agent': 'curl/8', referer: 'https://blog.example:8443/post?x=1' }
  const visitor = { address: '198.51.100.1', agent: 'curl/8', site: 'blog.example:8443' }
  assert.deepEqual(read(headers), visitor)
  assert.equal(read({ ...headers, 'sec-gpc': '1' }), null)
  assert.equal(read({ 'user-agent': 'github-camo (876de43e)' }), null)
})
