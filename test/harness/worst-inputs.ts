import type { FastifyInstance, InjectOptions } from 'fastify'
import { AddressRanges, subscriber } from '../../src/address.ts'
import { agentReader } from '../../src/agent.ts'
import { createBadges } from '../../src/badge/badge.ts'
import { parseTemplate } from '../../src/badge/template.ts'
import { readDays } from '../../src/http/card.ts'
import { encodeLine } from '../../src/http/flow.ts'
import { cookieValues, hasOwnMark, parseQuery } from '../../src/http/request.ts'
import { readForwardedHead } from '../../src/http/server.ts'
import { normalizePage, type PageKey } from '../../src/page.ts'
import { matchAny } from '../../src/pattern.ts'
import { Calendar } from '../../src/period.ts'
import { Recognition } from '../../src/recognition.ts'
import { Refusal } from '../../src/refusal.ts'
import { daysOf } from '../../src/time-zone.ts'
import { cookieName, parseToken } from '../../src/token.ts'
import { svg } from './drawings.ts'

/** Bytes of the longest request line, header or body. */
export const LONGEST = 16_000

/**
 * Makes an input of at most this many bytes. If the service caches its input, each input is a new one.
 * @param nth the number of inputs that were made before
 */
type Make = (bytes: number, nth: number) => string

/** A parser of strangers' input, with the worst inputs that are known. */
export interface Parser {
  name: string
  /** It may throw a Refusal. */
  parse(input: string): unknown
  inputs: Readonly<Record<string, Make>>
}

/**
 * How long a parser takes for an input, in ms, for each reading.
 * @param enough a reading below this is the last, in ms
 */
export async function timesOf(
  { parse, inputs }: Parser,
  input: string,
  bytes: number,
  readings: number,
  enough = 0,
) {
  const took: number[] = []
  for (let nth = 0; nth < readings && !((took.at(-1) ?? enough) < enough); nth++) {
    const text = inputs[input]?.(bytes, nth) ?? ''
    const began = performance.now()
    try {
      await parse(text)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
    took.push(performance.now() - began)
  }
  return took
}

/** Settings that make the service read more, for `parsers`. */
export const SETTINGS = {
  TRUST_PROXY: 'loopback,10.0.0.0/8,fc00::/7,192.0.2.0/24',
  BAN_ADDRESSES: '198.51.100.0/24',
  EXCLUDE_ADDRESSES: '203.0.113.0/24',
  KEEP_QUERY: 'a',
}

const nothing: Make = () => ''
/** Repeats one piece. */
const fill =
  (piece: string, before = '', after = ''): Make =>
  (bytes) => {
    const room = bytes - Buffer.byteLength(before + after)
    return before + piece.repeat(Math.max(0, room / Buffer.byteLength(piece))) + after
  }

/** Joins pieces that are all different. */
const list =
  (piece: (at: number) => string, before = '', after = ''): Make =>
  (bytes) => {
    const pieces: string[] = []
    let room = bytes - Buffer.byteLength(before + after)
    for (let at = 0; ; at++) {
      const next = piece(at)
      room -= Buffer.byteLength(next)
      if (room < 0) return before + pieces.join('') + after
      pieces.push(next)
    }
  }

const short =
  (most: number, make: Make): Make =>
  (bytes, nth) =>
    make(Math.min(bytes, most), nth)
const each =
  (make: Make, wrap: (input: string, nth: number) => string): Make =>
  (bytes, nth) =>
    wrap(make(bytes, nth), nth)

/** Chinese letters, all different: the time of URL grows with the square of their number. */
const letters = (before = '', after = '', between = '') =>
  list((at) => String.fromCodePoint(0x4e00 + at) + between, before, after)
const encoded = (make: Make) => each(make, (text) => text.replace(/[^ -~]/gu, encodeURIComponent))
const names = (end: string, before = '', after = '') =>
  list((at) => at.toString(36) + end, before, after)

const HOSTS = {
  'letters in a host': letters('https://', '/'),
  'letters in a host, as many as it may have': short(780, letters('https://', '/')),
  'letters in a host, encoded': encoded(short(250, letters('https://', '/'))),
  'letters in a name': short(2000, letters('', ' !')),
  'letters between dots': short(1000, letters('https://', 'x/', '.')),
  'an IPv6 address': fill('0:', 'https://[', ']/'),
  'accents in a host': fill('\u0301', 'https://a', '/'),
  credentials: short(6100, fill('a@', 'https://', 'e.com/')),
  'numbers between dots': short(760, fill('1.', '', '1')),
}
const PATHS = {
  'letters in a path': short(2000, letters('https://e.com/')),
  'quotes in a path': short(6100, fill('"', 'https://e.com/')),
  'encoded letters in a path': short(6100, fill('%4f', 'https://e.com/')),
  'steps up': short(6100, fill('../', 'https://e.com/', 'x')),
  'encoded steps up': short(6100, fill('%2e%2e/', 'https://e.com/', 'x')),
  slashes: short(6100, fill('/', 'https://e.com/', 'x')),
  'a name of words': short(6100, fill('a ')),
  'a name of accents': short(2700, fill('\u0301', 'a b')),
  'encoded twice': fill('%E4%B8%80', 'https%3A%2F%2Fe.com/'),
}
const KEPT = {
  'a kept parameter, again and again': fill('a&', 'https://e.com/?'),
  'kept parameters in turn': fill('a&b&c&', 'https://e.com/?'),
  'a kept parameter, encoded': fill('%61&', 'https://e.com/?'),
  'a kept value of pluses': fill('+', 'https://e.com/?a='),
  'a kept value of letters': fill('\u4e00', 'https://e.com/?a='),
}
const QUERIES = {
  'parameters without a value': names('&'),
  'parameters with a plus': names('&', '+'),
  'encoded parameters': list((at) => `%61${at.toString(36)}=&`),
  'one parameter': fill('a&'),
  'numbers as names': list((at) => `${at * 7919}&`),
  'letters as names': letters('', '', '&'),
  'pluses in url': fill('+', 'url='),
  'pluses in url, with a query': fill('+', 'url=?'),
  'ands in url': fill('&', 'url=?'),
  'many urls': fill('url=+&'),
  'many urls, the last with a query': fill('url=+&', '', '?'),
  'escaped twice': fill('&amp;', 'url=?+'),
  'an encoded value': fill('%E4%B8%80', 'a='),
  'half encodings': fill('%', 'a='),
}

const TOKEN = cookieName(normalizePage('e.com'))
const COOKIES = {
  'empty cookies': fill('a=b; '),
  'names within names': fill('xtm_me='),
  'own marks': fill('tm_me=;__Host-tm_me=;'),
  spaces: fill('   tm_me='),
  'spaces before a mark': fill(' ', 'x', 'tm_me=off'),
  tokens: fill(`${TOKEN}=123456789012345.AAAAAAAA;`),
  'a long token': fill('A', `${TOKEN}=1.`),
  quotes: fill('"=";%=%;'),
}

const TEXTS = {
  accents: fill('\u0301', 'a'),
  'accents to be sorted': fill('\u0345\u0300\u0323\u0327', 'a'),
  'accents of music': fill('\u{1d165}\u{1d16e}', 'a'),
  'parts of Korean letters': fill('\u1100\u1161\u11a8'),
  'joined emoji': fill('\u{1f468}\u200d\u{1f469}\u200d'),
  flags: fill('\u{1f1e9}'),
  'joined letters of India': fill('\u0915\u094d'),
  'halves of letters': fill('\ud800'),
}
/** As long as a label may be. */
const SHORT_TEXTS = Object.fromEntries(
  Object.entries(TEXTS).map(([name, make]) => [
    `${name}, 70`,
    each(make, (text, nth) => nth + [...text].slice(0, 35).join('')),
  ]),
)
const LABELS = {
  ...TEXTS,
  ...SHORT_TEXTS,
  'letters of India, all different': each(nothing, (_, nth) =>
    String.fromCodePoint(
      ...Array.from({ length: 78 }, (_, at) => 0x900 + ((nth * 79 + at) % 3000)),
    ),
  ),
}
const COLOURS = {
  commas: fill(','),
  brackets: fill('rgb('),
  spaces: fill(' ', 'rgb(1'),
  'capitals that grow': fill('\u0130'),
  'spaces in 64': short(64, fill(' ', 'rgb(1')),
  'digits in 64': short(64, fill('1', 'hsl(')),
}
const STEPS = {
  ...COLOURS,
  'many steps': fill('1:red,'),
  'spaces before twelve steps': each(fill(' '), (text) =>
    Array(12)
      .fill(`${text.slice(0, 1300)}1:red`)
      .join(),
  ),
  'twelve steps of two colours': each(nothing, (_, nth) =>
    Array(12).fill(`${nth}:hsl(1,1%,1%),hsl(1,1%,1%)`).join(),
  ),
}
const WORDS = {
  letters: fill('x'),
  digits: fill('1', '0.'),
  periods: fill('2026-'),
  spaces: fill(' '),
}
const FORMATS = {
  ...WORDS,
  languages: each(
    nothing,
    (_, nth) => `${['ar', 'bn', 'fa', 'mr', 'ne', 'my'][nth % 6]}-u-nu-hanidec`,
  ),
}
const ZONES = Intl.supportedValuesOf('timeZone')
const ZONE_NAMES = {
  ...WORDS,
  'all of them': each(nothing, (_, nth) => ZONES[nth % ZONES.length] as string),
  'one, in other capitals': each(nothing, (_, nth) =>
    [...'america/argentina/comodrivadavia']
      .map((letter, at) => ((nth >> at) & 1 ? letter.toUpperCase() : letter))
      .join(''),
  ),
}
const WITHINS = { ...WORDS, days: fill('days=0,', '', 'days=1'), commas: fill(',') }

/** Drawings as long as an image may be: one as it is, and one in base64, which leaves less room. */
function drawn(name: string, content: Make): [string, Make][] {
  const around = svg('').length + 40
  const raw = 'data:image/svg+xml,'
  return [
    [
      `${name}, in base64`,
      (bytes, nth) => {
        const room = Math.floor((Math.min(bytes, 8192) * 3) / 4) - around
        const text = svg(`${content(room, nth)}<!--${nth}-->`)
        return `data:image/svg+xml;base64,${Buffer.from(text).toString('base64')}`
      },
    ],
    [
      name,
      (bytes, nth) =>
        raw + svg(`${content(Math.min(bytes, 8192) - around - raw.length, nth)}<!--${nth}-->`),
    ],
  ]
}
const few = (piece: string) => short(490 * piece.length, fill(piece))
const chained = (bytes: number) => {
  const chain = Array.from(
    { length: 8 },
    (_, at) => `<linearGradient id="a${at}" href="#a${at + 1}"/>`,
  )
  const last = `<linearGradient id="a8" gradientTransform="${'scale(1)'.repeat(bytes / 60)}"/>`
  const before = chain.join('') + last
  return list((at) => `<linearGradient id="b${at}" href="#a1"/><g fill="url(#b${at})"/>`, before)(
    bytes,
    0,
  )
}
const DRAWINGS = Object.fromEntries(
  Object.entries<Make>({
    paths: few('<path d="M0 0h1"/>'),
    groups: few('<g fill="red"/>'),
    colours: list((at) => `<g fill="hsl(${at % 256},1%,1%)"/>`),
    'numbers in a path': fill('1 ', '<path d="M0 ', '"/>'),
    'arcs in a path': fill('a1 1 0 011 1', '<path d="M0 0', '"/>'),
    'points of a polygon': fill('1 ', '<polygon points="', '"/>'),
    'a style': fill('fill:#111;', '<g style="', '"/>'),
    transforms: fill('scale(1)', '<g transform="', '"/>'),
    attributes: list((at) => `a${at.toString(36)}="" `, '<g ', '/>'),
    namespaces: list((at) => `xmlns:a${at.toString(36)}="a" `, '<g ', '/>'),
    entities: fill('&#49;', '<path d="', '"/>'),
    comments: fill('<!---->'),
    gradients: list((at) => `<linearGradient id="${at}"/><g fill="url(#${at})"/>`),
    'gradients in a row': chained,
    'clip paths': list((at) => `<clipPath id="${at}"/><g clip-path="url(#${at})"/>`),
    'spaces that are no spaces': fill('\u00a0', '<g transform="scale(1)', 'x"/>'),
  }).flatMap(([name, content]) => drawn(name, content)),
)
const binary =
  (type: string, head: string, piece: string): Make =>
  (bytes) => {
    const room = Math.floor((Math.min(bytes, 8192) * 3) / 4) - 40
    const content = head + piece.repeat((room - head.length) / piece.length)
    return `data:image/${type};base64,${Buffer.from(content, 'latin1').toString('base64')}`
  }
const WEBP = 'RIFF\x10\0\0\0WEBP'
const VP8L = 'VP8L\x06\0\0\0\x2f\x09\0\0\0\0'
const VP8X = 'VP8X\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0'
const RASTERS = {
  'WebP of pictures': binary('webp', WEBP, VP8L),
  'WebP of empty pictures': binary('webp', WEBP + VP8L, 'VP8L\0\0\0\0'),
  'WebP of pictures, extended': binary('webp', WEBP + VP8X, 'VP8L\0\0\0\0'),
  'WebP of other parts': binary('webp', WEBP + VP8X, 'abcd\0\0\0\0'),
  'GIF of pictures': binary('gif', 'GIF89a\x10\0\x10\0\0\0\0', ',\0\0\0\0\x01\0\x01\0\0\x01\0'),
  'GIF of blocks': binary('gif', 'GIF89a\x10\0\x10\0\0\0\0\x21\xf9', '\x01\x01'),
  'JPEG of zeros': binary('jpeg', '\xff\xd8\xff\xe0\0\x02', '\0'),
  'JPEG of parts': binary('jpeg', '\xff\xd8', '\xff\xe0\0\x02'),
  'JPEG of pictures': binary('jpeg', '\xff\xd8', '\xff\xc0\0\x07\x08\0\x09\0\x09'),
  'padding and spaces': short(8192, fill(' ', 'data:image/png;base64,=', 'x')),
  'nothing but pluses': short(8192, fill(' ', 'data:image/png;base64,', '=')),
}

const AGENTS = Object.fromEntries(
  [
    'a',
    ' ',
    '1.',
    '(',
    'bot',
    'cubot',
    'http://',
    'imagefetcher/',
    'goog',
    'mail',
    'seo',
    'ya',
  ].map((piece): [string, Make] => [
    `"${piece}"`,
    each(fill(piece, 'Mozilla/5.0 (X11)'), (agent, nth) => agent.slice(0, -6) + nth),
  ]),
)
const FORWARDED = {
  commas: fill(','),
  addresses: fill('10.0.0.1,'),
  'v6 addresses': fill('fc00:1:1:1:1:1:1:1,'),
  'short v6 addresses': fill('fc00::,'),
  'v4 in v6': fill('::ffff:10.0.0.1,'),
  brackets: fill('[::],'),
  digits: fill('1'),
  spaces: fill(' ', '10.0.0.1', ',10.0.0.1'),
}
const ADDRESSES = { ...FORWARDED, parts: fill('0:'), 'a zone': fill('a', '::1%') }
const LINES = { 'bytes of no ASCII': fill('\xe4'), 'every second one': fill('a\xe4') }
const TARGETS = { hosts: fill('http://'), credentials: fill('a@', 'http://') }
const JSONS = {
  fields: list((at) => `"${at.toString(36)}":"",`, '{', '"":""}'),
  'nested fields': each(
    fill('{"constructor":'),
    (text) => `${text}1${'}'.repeat(text.length / 15)}`,
  ),
  'nested lists': each(fill('['), (text) =>
    text.replace(/./g, (_, at) => (at * 2 < text.length ? '[' : ']')),
  ),
  'empty lists': fill('[],', '[', '{"__proto__":1}]'),
  numbers: fill('0,', '[', '0]'),
  escapes: fill('\\u005f', '{"a":"', '"}'),
}
const field = (more = '') => `--x\r\nContent-Disposition: form-data; name="a"${more}\r\n`
const end = '\r\n--x--\r\n'
const MULTIPARTS = {
  'nine long fields': each(nothing, () =>
    list(
      (at) => `${field().replace('"a"', `"${at}"`)}\r\n${'v'.repeat(1600)}\r\n`,
      '',
      end,
    )(LONGEST, 0),
  ),
  'many fields': fill(`${field()}\r\n\r\n`, '', end),
  'line breaks': fill('\r\n', `${field()}\r\n`, end),
  'parts of line breaks': fill('\r', `${field()}\r\n`, end),
  'semicolons in a header': fill(';', field().trimEnd(), `\r\n\r\n${end}`),
  'parameters in a header': fill('; a=b', field().trimEnd(), `\r\n\r\n${end}`),
  'encoded name': fill(
    '%41',
    `--x\r\nContent-Disposition: form-data; name*=utf-8''`,
    `\r\n\r\n${end}`,
  ),
  'many headers': fill('a:b\r\n', field(), `\r\n${end}`),
  'a header in many lines': fill(' b\r\n', field(), `\r\n${end}`),
}
const CONTENT_TYPES = {
  parameters: each(
    fill(';a=b', 'multipart/form-data;boundary=x'),
    (type, nth) => type.slice(0, -6) + nth,
  ),
  semicolons: each(
    fill(';', 'multipart/form-data;boundary=x'),
    (type, nth) => type.slice(0, -6) + nth,
  ),
  'half quotes': each(fill(';a="\\"', 'text/plain'), (type, nth) => type.slice(0, -6) + nth),
}
const ORIGINS = {
  'encoded letters': (bytes: number) => encoded(letters('https://'))(bytes / 3, 0),
  dots: fill('a.', 'https://'),
}
const PAGES = Object.fromEntries(
  ['a', 'draft-7', 'secret', 'h1.example/'].map((piece): [string, Make] => [
    piece,
    short(
      2048,
      each(fill(piece, 'e.com/'), (page, nth) => page.slice(0, -6) + nth),
    ),
  ]),
)
const TEN_PATTERNS = [
  '(a+)+$',
  '(a|aa)+$',
  '([a-z]+)*\\d$',
  'secret.*draft.*b$',
  '^h1\\.example(:\\d+)?(/|$)',
  ...['draft-1.*x', 'draft-2.*x', 'draft-3.*x', 'draft-4.*x', 'draft-7.*x'],
]
const ANY = {
  letters: fill('a'),
  commas: fill(','),
  'quotes and commas': fill('"a",'),
  weights: fill('a;q=0.1,'),
  spaces: fill(' ', 'a', 'a'),
  purposes: fill('prefetc '),
  letters8: fill('\xe4'),
}
/** More names than one drawing may have. */
const LOGOS = {
  ...WORDS,
  'the largest logos': () =>
    'elsevier,composer,unilever,interactiondesignfoundation,porsche,newjapanprowrestling,postcss,ferrari,gutenberg,' +
    'unitednations,figshare,virgin,habr,openbsd,libuv,ritzcarlton,bentley,gnu,maxplanckgesellschaft,tidyverse,' +
    'packagist,shikimori,worldhealthorganization,safari',
  'the largest logo, again and again': fill('elsevier,'),
  'accents, again and again': fill(`${'\u0301'.repeat(99)},`),
}
/** Headers that a route reads, with a request for that route. */
const HEADERS: [name: string, asked?: string][] = [
  ['host'],
  ['accept'],
  ['accept-language'],
  ['cookie'],
  ['origin'],
  ['sec-purpose'],
  ['user-agent'],
  ['x-forwarded-host'],
  ['x-forwarded-proto'],
  ['if-none-match', '/assets/icon.svg'],
  ['if-modified-since', '/assets/icon.svg'],
  ['range', '/assets/icon.svg'],
  ['access-control-request-headers'],
]

/** @param app the whole service, with `SETTINGS` */
export function parsers(app: FastifyInstance): Parser[] {
  const badges = createBadges({ label: 'hits', color: '#4c1' })
  const draw = (query: Record<string, string>) => {
    const { appearance, problem } = badges.read(query)
    if (problem) return badges.refusal(`bad ${problem.option}`, appearance)
    return badges.draw(
      appearance,
      { numbers: [1_234_567], captions: [''], sparkline: null },
      'e.com',
    )
  }
  const option = (name: string, inputs: Parser['inputs']): Parser => ({
    name: `option ${name}`,
    parse: (input) => draw({ [name]: input }),
    inputs,
  })
  const now = Date.UTC(2026, 10, 20)
  const calendar = new Calendar('UTC', 0)
  const whyDays = (tz: string) => {
    const { span } = calendar.read({ tz, period: '365d' }, now)
    return span && daysOf(span, tz, now, 366)
  }
  const agent = agentReader('ignore', ['foo', 'bar'])
  const ranges = new AddressRanges(['10.0.0.0/8', 'fc00::/7'])
  const recognition = new Recognition({ windowMs: 1, limit: 5, pageLimit: 5, fingerprint: true })
  const page = 'e.com' as PageKey
  const template = parseTemplate(svg('{count}{label}{url}{width}'))
  // No page is named, so nothing is counted.
  const post = (type: string) => (payload: string) =>
    app.inject({ method: 'POST', url: '/count', payload, headers: { 'content-type': type } })
  const ask = (options: InjectOptions) => app.inject({ url: '/nocount', ...options })
  return [
    { name: 'page', parse: (text) => normalizePage(text), inputs: { ...HOSTS, ...PATHS } },
    {
      name: 'page with kept parameters',
      parse: (text) => normalizePage(text, [...'abcdefghijklmnopqrst']),
      inputs: { ...KEPT, ...PATHS },
    },
    { name: 'query', parse: parseQuery, inputs: QUERIES },
    {
      name: 'cookies',
      parse: (text) => [hasOwnMark(text), cookieValues(text, TOKEN).map(parseToken)],
      inputs: COOKIES,
    },
    option('label', LABELS),
    option('prefix', TEXTS),
    option('color', COLOURS),
    option('colorSteps', STEPS),
    option('format', FORMATS),
    option('show', WORDS),
    option('radius', WORDS),
    option('face', WORDS),
    { name: 'logo, a drawing', parse: (logo) => badges.read({ logo }), inputs: DRAWINGS },
    { name: 'logo, a picture', parse: (logo) => badges.read({ logo }), inputs: RASTERS },
    {
      name: 'logo by name',
      parse: (logo) => badges.read({ logo }),
      inputs: { ...WORDS, ...TEXTS },
    },
    { name: 'tz', parse: (tz) => calendar.read({ tz, period: 'today' }, now), inputs: ZONE_NAMES },
    { name: 'tz, a year of days', parse: whyDays, inputs: { UTC: () => 'UTC' } },
    { name: 'period', parse: (period) => calendar.read({ period }, now), inputs: WORDS },
    { name: 'within', parse: (within) => calendar.read({ within }, now), inputs: WITHINS },
    { name: 'days', parse: (days) => readDays({ days }), inputs: WORDS },
    { name: 'user agent', parse: agent, inputs: AGENTS },
    {
      name: 'fingerprint',
      parse: (agent) => recognition.recognise({ address: '192.0.2.1', agent, site: '' }, page, now),
      inputs: { quotes: fill('"'), letters: fill('a') },
    },
    {
      name: 'address',
      parse: (text) => [subscriber(text), ranges.has(text)],
      inputs: ADDRESSES,
    },
    {
      name: 'X-Forwarded-For',
      parse: (text) => ask({ headers: { 'x-forwarded-for': text } }),
      inputs: FORWARDED,
    },
    {
      name: 'request line',
      parse: (text) => encodeLine(Buffer.from(text, 'latin1')),
      inputs: LINES,
    },
    {
      name: 'absolute address',
      parse: (url) => readForwardedHead({ url, headers: {} }),
      inputs: TARGETS,
    },
    { name: 'body, JSON', parse: post('application/json'), inputs: JSONS },
    { name: 'body, a form', parse: post('application/x-www-form-urlencoded'), inputs: QUERIES },
    {
      name: 'body, text',
      parse: post('text/plain'),
      inputs: { ...WORDS, letters: letters('https://') },
    },
    { name: 'body, multipart', parse: post('multipart/form-data; boundary=x'), inputs: MULTIPARTS },
    {
      name: 'Content-Type',
      parse: (type) => post(type)(`${field()}\r\n \r\n--x--\r\n`),
      inputs: CONTENT_TYPES,
    },
    {
      name: 'Origin',
      parse: (origin) => ask({ method: 'POST', url: '/me', headers: { origin } }),
      inputs: ORIGINS,
    },
    { name: 'ten patterns', parse: matchAny(TEN_PATTERNS), inputs: PAGES },
    {
      name: 'own badge',
      parse: (text) => template({ count: '1', label: text.slice(0, 80), url: text.slice(0, 2048) }),
      inputs: { ands: fill('&'), hyphens: fill('-') },
    },
    {
      name: 'path',
      parse: (path) => ask({ url: `/${path}` }),
      inputs: {
        slashes: fill('/'),
        'steps up in a folder': fill('../', 'assets/'),
        'encoded steps up': fill('%2e%2e%2f', 'assets/'),
        letters: fill('%E4%B8%80', 'assets/'),
        'half encodings': fill('%', 'assets/'),
        semicolons: fill(';'),
      },
    },
    {
      name: 'Referer',
      parse: (referer) => ask({ headers: { referer } }),
      inputs: { letters: encoded(short(4000, letters('https://'))), bytes: fill('\xe4') },
    },
    ...HEADERS.map(
      ([name, url = '/nocount']): Parser => ({
        name,
        parse: (text) => ask({ url, headers: { [name]: text } }),
        inputs: ANY,
      }),
    ),
  ]
}

/** Routes that also draw, or read the database. @param app the whole service */
export function costlyRoutes(app: FastifyInstance): Parser[] {
  const ask = (url: string) => app.inject({ url })
  return [
    {
      name: '/page',
      parse: (text) => ask(`/page?url=${encodeURIComponent(text)}`),
      inputs: { ...HOSTS, ...PATHS },
    },
    {
      name: '/preview.json',
      // A wrong option has each option read by itself, too.
      parse: (logo) => ask(`/preview.json?radius=x&logo=${encodeURIComponent(logo)}`),
      inputs: DRAWINGS,
    },
    {
      name: '/preview.json, similar pages',
      parse: (text) =>
        ask(`/preview.json?${`near=${encodeURIComponent(text.slice(0, 4000))}&`.repeat(4)}`),
      inputs: { ...HOSTS, ...PATHS },
    },
    { name: '/logos.json', parse: () => ask('/logos.json'), inputs: { all: nothing } },
    {
      name: '/logos.svg',
      parse: (names) => ask(`/logos.svg?names=${encodeURIComponent(names)}`),
      inputs: LOGOS,
    },
    {
      name: '/sample/looks.svg',
      parse: () => ask('/sample/looks.svg'),
      inputs: { all: nothing },
    },
  ]
}
