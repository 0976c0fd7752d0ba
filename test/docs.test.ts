import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { settings } from '../config.ts'
import { DOCS as MADE_IN, makeFiles } from '../docs/make/files.ts'
import { createSchema } from '../src/badge/options/schema.ts'
import { STATUS } from '../src/refusal.ts'
import { OUTCOMES } from '../src/visit.ts'
import { build } from './harness/app.ts'
import { routesOf } from './harness/routes.ts'

const ROOT = join(import.meta.dirname, '..')
const DOCS = [
  'README.md',
  'CHANGELOG.md',
  'bench/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const { scripts, dependencies } = JSON.parse(read('package.json'))

/** Constants of the code in capitals. Only the page about the code names them. */
const constants = new Set(
  ['config.ts', ...['src', 'public', 'test'].flatMap(filesIn)]
    .filter((file) => /\.[jt]s$/.test(file))
    .flatMap((file) => [...read(file).matchAll(/\bconst ([A-Z_]+)\b/g)])
    .map(([, name]) => name),
)
function filesIn(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return names.map((name) => join(folder, name))
}

for (const file of DOCS) {
  test(`${file}: every link, npm script and setting that it names exists`, () => {
    const text = read(file)
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      assert.ok(existsSync(join(ROOT, dirname(file), link)), `link to ${link}`)
    }
    for (const [, name = ''] of text.matchAll(/npm run ([\w:-]+)/g))
      assert.ok(name in scripts, name)
    const elsewhere = new Set(['NODE_ENV', 'SIGTERM', 'SIGINT', 'HEAD', 'NAME'])
    for (const [, name = ''] of text.matchAll(/`([A-Z][A-Z_]{3,})(?:=[^`]*)?`/g)) {
      const isConstant = file === 'docs/architecture.md' && constants.has(name)
      if (!elsewhere.has(name) && !isConstant) assert.ok(name in settings, `the setting ${name}`)
    }
  })
}

const table = (file: string, head: string) => {
  const [, rows = ''] = read(file).split(head)
  return [...(rows.split('\n\n', 1)[0] ?? '').matchAll(/^\| `(\w+)` \| ([^|]*)/gm)].map(
    ([, name, value]) => [name, value?.trim()],
  )
}

test('docs/usage.md tells the refusals, outcomes and options of the code', () => {
  assert.deepEqual(
    table('docs/usage.md', '| code | status |'),
    Object.entries(STATUS).map(([code, status]) => [code, String(status)]),
  )
  assert.deepEqual(
    table('docs/usage.md', '| outcome | when |').map(([outcome]) => outcome),
    [...OUTCOMES],
  )
  const options = new Map(table('docs/usage.md', '| parameter | value |') as [string, string][])
  const { url, ...told } = Object.fromEntries(options)
  assert.ok(url)
  const schema = Object.entries(createSchema())
  assert.deepEqual(told, Object.fromEntries(schema.map(([name, { about }]) => [name, about])))
})

test('what is made from the code is as the code makes it: `npm run docs` changes nothing', async () => {
  const made = await makeFiles()
  for (const [name, text] of made) {
    assert.ok(existsSync(join(MADE_IN, name)), `${name} is missing`)
    assert.equal(readFileSync(join(MADE_IN, name), 'utf8'), text, name)
  }
  const pictures = readdirSync(join(MADE_IN, 'gallery')).map((name) => `gallery/${name}`)
  assert.deepEqual(
    pictures.filter((name) => !made.has(name)),
    [],
  )
})

test('docs/usage.md names every route that answers, and no other', async (t) => {
  const { app } = await build(t)
  const told = [...read('docs/usage.md').matchAll(/^\| `GET (\S+)`/gm)].map(
    ([, route = '']) => route,
  )
  // What programs look for by themselves, and the files of pages.
  const untold = ['/favicon.ico', '/robots.txt', '/*']
  const routes = [...routesOf(app).keys()].filter(
    (route) => !untold.includes(route) && !route.startsWith('/api/v1/'),
  )
  assert.deepEqual(told.toSorted(), routes.sort())
  for (const route of told) {
    // A stream has no end, so only its head is read.
    const method = route === '/live' ? 'HEAD' : 'GET'
    const url = `${route}?url=example.com`
    assert.equal((await app.inject({ method, url })).statusCode, 200, route)
  }
})

test('docs/api.md names every route of version 1, and no other', async (t) => {
  const { app } = await build(t)
  const told = [...read('docs/api.md').matchAll(/^\| `((?:GET|POST) \S+)`/gm)].map(
    ([, name]) => name,
  )
  const routes = [...routesOf(app)].flatMap(([route, methods]) =>
    route.startsWith('/api/v1/') ? [`${methods.includes('GET') ? 'GET' : 'POST'} ${route}`] : [],
  )
  assert.deepEqual(told.toSorted(), routes.sort())
})

test('docs/decisions.md says of every dependency why it is here', () => {
  const text = read('docs/decisions.md')
  for (const name of Object.keys(dependencies)) assert.ok(text.includes(`${name}`), name)
})

test('the README counts its packages right', () => {
  const said = /one file, (\d+) direct packages/.exec(read('README.md'))?.[1]
  assert.equal(Number(said), Object.keys(dependencies).length)
})

test('every nginx configuration keeps the port, and asks for nothing twice', () => {
  const configurations = ['compose.nginx.conf', 'docs/hosting.md'].flatMap((file) =>
    [...read(file).matchAll(/location \/ \{\n\s+proxy_pass [^}]*\}/g)].map(([text]) => text),
  )
  assert.equal(configurations.length, 2)
  for (const text of configurations) {
    assert.match(text, /proxy_set_header Host \$http_host;/)
    assert.match(text, /proxy_next_upstream off;/)
  }
})

test('the patterns for one site hold on the ports that the docs say, and on no other site', () => {
  // In a table's cell, a pipe is written with a backslash.
  const [onAll = '', onDefault = ''] = [
    ...read('docs/configuration.md').matchAll(/\| `(\^example.*?)` \|/g),
  ].map(([, pattern = '']) => pattern.replaceAll('\\|', '|'))
  assert.ok(onAll && onDefault)
  const [, inCompose = ''] = /# ALLOW_PAGES: '(.*)'/.exec(read('compose.yaml')) ?? []
  const all = new RegExp(onAll)
  const fromCompose = new RegExp(inCompose.replace('$$', '$').replace('org', 'com'))
  for (const pattern of [all, new RegExp(onDefault), fromCompose]) {
    for (const page of ['example.com', 'example.com/a']) {
      assert.ok(pattern.test(page), `${pattern} ${page}`)
    }
    for (const page of ['notexample.com', 'example.com.evil.example', 'example.community']) {
      assert.ok(!pattern.test(page), `${pattern} ${page}`)
    }
  }
  for (const page of ['example.com:8080', 'example.com:8080/a', 'example.com?id=1']) {
    assert.ok(all.test(page) && fromCompose.test(page), page)
    assert.ok(!new RegExp(onDefault).test(page), page)
  }
})
