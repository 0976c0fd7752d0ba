import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import test from 'node:test'

const ROOT = join(import.meta.dirname, '..')

/** What a file outside of packages and Node may be imported by: a room names those it may import from. */
const MAY_IMPORT: Record<string, (room: string) => boolean> = {
  // The readers of values, which know no technology.
  config: (room) => room === 'root',
  public: (room) => room === 'public',
  root: (room) => room === 'root',
  // worker.ts is at the root because both badge and database run threads, and folders do not import each other.
  badge: (room) => ['badge', 'cache', 'worker'].includes(room),
  database: (room) => room === 'database' || room === 'root',
  http: (room) => ['http', 'badge', 'root'].includes(room),
  commands: (room) => ['commands', 'database', 'root', 'config'].includes(room),
  service: (room) => !['public', 'commands', 'main'].includes(room),
  main: (room) => room !== 'public',
}

/** Packages and Node modules that each room may use; the rooms that are not here may use any. */
const PACKAGES: Record<string, RegExp> = {
  config: /^envalid$/,
  root: /^(nanoid|isbot|ipaddr\.js|temporal-polyfill|re2js|node:(crypto|net|path|timers\/promises|worker_threads))$/,
  badge:
    /^(badge-maker|css-color-converter|anafanafo|simple-icons|image-size|saxes|@resvg\/resvg-wasm|node:(crypto|events|fs|fs\/promises|os|timers\/promises|path|url|worker_threads))$/,
  database:
    /^(kysely(\/migration)?|better-sqlite3|pg|node:(child_process|crypto|fs|net|os|path|timers\/promises|worker_threads))$/,
  commands: /^(commander|cli-progress|node:.*)$/,
  public: /^$/,
}

function roomOf(file: string): string {
  if (file === 'config.ts') return 'config'
  if (file === 'src/main.ts' || file === 'src/checks.ts') return 'main'
  if (file === 'src/service.ts') return 'service'
  if (file.startsWith('public/')) return 'public'
  const [, folder, rest] = file.split('/')
  return rest === undefined ? 'root' : (folder ?? '')
}

function sources(): string[] {
  const inFolder = (folder: string) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
      join(folder, file),
    )
  return ['config.ts', ...inFolder('src'), ...inFolder('public')].filter((file) =>
    /(?<!\.d)\.(ts|js)$/.test(file),
  )
}

/** Every import of a file, as `[type only, specifier]`. */
function imports(text: string): [boolean, string][] {
  const statements = /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm
  const dynamic = /\bimport\(\s*'([^']+)'/g
  return [
    ...[...text.matchAll(statements)].map(([, type, name]) => [Boolean(type), name] as const),
    ...[...text.matchAll(dynamic)].map(([, name]) => [false, name] as const),
  ].map(([type, name]) => [type, name ?? ''])
}

test('every room imports only what the design lets it', () => {
  const files = sources()
  assert.ok(files.length > 25, 'the files were found')
  const wrong: string[] = []
  for (const file of files) {
    const room = roomOf(file)
    assert.ok(room in MAY_IMPORT, `${file} stands in a room that the design does not name`)
    for (const [typeOnly, name] of imports(readFileSync(join(ROOT, file), 'utf8'))) {
      if (!name.startsWith('.')) {
        if (!(PACKAGES[room] ?? /./).test(name)) wrong.push(`${file} uses ${name}`)
        continue
      }
      const target = normalize(join(dirname(file), name))
      const shared = room === 'badge' && /^src\/(cache|worker)\.ts$/.exec(target)?.[1]
      const targetRoom = shared || roomOf(target)
      const typesOfConfig = targetRoom === 'config' && typeOnly
      if (target === 'src/main.ts') wrong.push(`${file} imports the entry`)
      else if (!typesOfConfig && !MAY_IMPORT[room]?.(targetRoom)) {
        wrong.push(`${file} (${room}) imports ${target} (${targetRoom})`)
      }
    }
  }
  assert.deepEqual(wrong, [])
})

/** All that a file loads at once, with what that loads in turn: files, and the names of packages. */
function loaded(file: string, known = new Set<string>()): Set<string> {
  if (known.has(file)) return known
  known.add(file)
  const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(/\bimport\(/g, '')
  for (const [typeOnly, name] of imports(text)) {
    if (typeOnly) continue
    if (name.startsWith('.')) loaded(normalize(join(dirname(file), name)), known)
    else known.add(name)
  }
  return known
}

test('the thread that has the database loads no Kysely, which takes most of a start', () => {
  const names = loaded('src/database/sqlite/work.ts')
  assert.ok(names.has('better-sqlite3'), 'what it loads was found')
  assert.ok(!names.has('kysely'))
})

test('the service starts without TypeBox, which takes 24 MB', () => {
  const names = loaded('src/service.ts')
  assert.ok(names.has('fastify') && names.has('src/http/api/routes.ts'), 'what it loads was found')
  assert.ok(!names.has('typebox'))
})

test('a command line is answered without what serves badges being loaded', () => {
  const packages = [...loaded('src/main.ts')].filter((name) => !/^(src\/|config|node:)/.test(name))
  assert.deepEqual(packages.sort(), ['commander', 'envalid'])
})

test('no file imports what would load all of fetch and WebSocket; see http/server.ts', () => {
  const loading = sources().filter((file) =>
    imports(readFileSync(join(ROOT, file), 'utf8')).some(
      ([typeOnly, name]) => !typeOnly && name === 'node:http',
    ),
  )
  assert.deepEqual(loading, [])
})

test('only config.ts reads the environment', () => {
  const readers = sources().filter((file) =>
    /process\s*\.\s*env|['"]env['"]/.test(readFileSync(join(ROOT, file), 'utf8')),
  )
  assert.deepEqual(readers, ['config.ts'])
})

test('no file is too long to read at one go', () => {
  const long = sources().filter(
    (file) => readFileSync(join(ROOT, file), 'utf8').split('\n').length > 300,
  )
  assert.deepEqual(long, [])
})
