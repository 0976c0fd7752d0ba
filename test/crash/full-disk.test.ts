import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { runMain, startServer, stopServer } from '../harness/server.ts'
import { parseSvg } from '../harness/svg.ts'

const INSIDE = 'TALLYMARK_TEST_MAY_MOUNT'

/** Ways of a plain user to a shell that may mount. */
const WAYS = [
  ['unshare', '--user', '--map-root-user', '--mount'],
  ['sudo', '--non-interactive', 'unshare', '--mount'],
]

/**
 * A small disk of its own needs the right to mount. Where this process lacks it, the file runs again where it has it;
 * where there is no way to that, the test fails and says why.
 */
if (process.getuid?.() !== 0 && !process.env[INSIDE]) {
  test('a full disk, in a namespace of its own', () => {
    const way = WAYS.find(
      ([file = '', ...given]) => spawnSync(file, [...given, 'true']).status === 0,
    )
    assert.ok(way, 'THE FULL DISK TEST NEEDS Linux, and root, sudo or unprivileged user namespaces')
    const [file = '', ...given] = way
    const again = spawnSync(
      file,
      [...given, 'env', `${INSIDE}=1`, process.execPath, '--test', import.meta.filename],
      { env: { ...process.env, NODE_TEST_CONTEXT: undefined }, encoding: 'utf8' },
    )
    assert.equal(again.status, 0, `${again.error ?? ''}${again.stdout}${again.stderr}`)
  })
} else {
  test('a full disk: 503 badges, the process lives, and with room it counts on, exact', fullDisk)
  test(
    'an import into a full disk is told so in one line, and brings the rest when there is room',
    fullImport,
  )
}

/** A disk of a few MB that is the test's own. */
function smallDisk(t: TestContext, megabytes: number): string {
  const disk = mkdtempSync(join(tmpdir(), 'tallymark-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk], {
    encoding: 'utf8',
  })
  assert.equal(mounted.status, 0, `NO SMALL DISK: mount failed: ${mounted.error ?? mounted.stderr}`)
  t.after(() => {
    spawnSync('umount', ['-l', disk])
    rmdirSync(disk)
  })
  return disk
}

async function fullImport(t: TestContext) {
  const disk = smallDisk(t, 1)
  const old = new Database(join(disk, 'old.db'))
  old.exec(`create table url (id integer primary key, url varchar(256), count integer);
    with recursive pages (page) as (select 1 union all select page + 1 from pages where page < 5000)
    insert into url (url, count) select 'example.com/' || page, page from pages`)
  old.close()
  const env = { DATABASE_FILE_PATH: join(disk, 'data.db') }
  const command = ['import', 'hit-counter', join(disk, 'old.db')]
  for (let times = 0; times < 2; times++) {
    const { code, errors } = await runMain(env, command)
    assert.match(
      errors,
      /^Cannot import into \S+data\.db: the disk is full \(.+\); make room and run this again\.\n$/,
    )
    assert.equal(code, 1)
    // The last bytes too.
    const filler = openSync(join(disk, 'filler'), 'a')
    assert.throws(() => {
      for (;;) writeSync(filler, Buffer.alloc(512))
    }, /ENOSPC/)
    closeSync(filler)
  }
  spawnSync('mount', ['-o', 'remount,size=16m', disk])
  const { code, output } = await runMain(env, command)
  assert.equal(code, 0)
  const [, added] = /^added +([\d,]+) pages/m.exec(output) ?? []
  assert.ok(Number(added?.replaceAll(',', '')) < 5000, 'some had been added before')
  const database = new Database(env.DATABASE_FILE_PATH, { readonly: true })
  t.after(() => database.close())
  assert.equal(
    database.prepare('select sum(hits) from tally where page_id > 0').pluck().get(),
    12_502_500,
  )
}

async function fullDisk(t: TestContext) {
  // The log grows to 4 MB before it is begun again: with the filler gone there must be room for all of it.
  const disk = smallDisk(t, 8)
  const env = { DATABASE_FILE_PATH: join(disk, 'data.db'), LOG_LEVEL: 'error' }
  const server = await startServer(t, env)
  const ask = async (path: string) => {
    const response = await fetch(server.origin + path)
    return { status: response.status, body: await response.text(), headers: response.headers }
  }
  let expected = 0
  async function visit(many: number): Promise<{ counted: number; refused: number }> {
    const answers = await Promise.all(
      Array.from({ length: many }, () => ask('/count?url=example.com/page')),
    )
    const counted = answers.filter(({ status }) => status === 200)
    const refused = answers.filter(({ status }) => status === 503)
    assert.equal(counted.length + refused.length, many, 'every answer is a number or a 503')
    const numbers = counted.map(({ body }) => Number(body)).sort((a, b) => a - b)
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => expected + index + 1),
      'each number once, none left out',
    )
    expected += counted.length
    return { counted: counted.length, refused: refused.length }
  }

  assert.deepEqual(await visit(100), { counted: 100, refused: 0 })
  for (let round = 0; round < 3; round++) {
    const filler = join(disk, 'filler')
    fill(filler)
    let refused = 0
    for (let tries = 0; tries < 100 && refused === 0; tries++) refused = (await visit(50)).refused
    assert.ok(refused > 0, 'the disk is full')
    // Pages that were to be made while the disk was full: made again later, they start at 1. The log may have been
    // emptied meanwhile, which makes room for a few more.
    let fresh: string[] = []
    let tried: number[] = []
    for (let tries = 0; tries < 20 && !tried.includes(503); tries++) {
      fresh = Array.from(
        { length: 20 },
        (_, index) => `/count?url=fresh-${round}-${tries}-${index}.example`,
      )
      tried = await Promise.all(fresh.map(async (path) => (await ask(path)).status))
    }
    assert.ok(tried.includes(503))
    const badge = await ask('/count/tag.svg?url=example.com/page')
    if (badge.status === 200) expected += 1
    else {
      assert.equal(badge.status, 503)
      assert.equal(parseSvg(badge.body).title, 'hits: try again soon')
      assert.ok(badge.headers.get('retry-after'))
    }
    assert.equal(
      (await ask('/nocount?url=example.com/page')).body,
      String(expected),
      'it still reads',
    )
    assert.equal(server.process.exitCode, null, 'the process lives')

    rmSync(filler)
    assert.deepEqual(await visit(100), { counted: 100, refused: 0 })
    for (const [index, path] of fresh.entries()) {
      const counted = (await ask(path)).body
      assert.equal(counted, tried[index] === 200 ? '2' : '1')
      assert.equal((await ask(path.replace('/count', '/nocount'))).body, counted)
    }
  }
  assert.match(server.output(), /database or disk is full/, 'and the log says why')
  assert.equal(await stopServer(server), 0)
  const again = await startServer(t, env)
  const stored = await fetch(`${again.origin}/nocount?url=example.com/page`)
  assert.equal(await stored.text(), String(expected), 'nothing lost, nothing doubled')
  await stopServer(again)
}

/** Takes all the room there is, to the last byte. */
function fill(file: string): void {
  assert.ok(!existsSync(file))
  const descriptor = openSync(file, 'w')
  const block = Buffer.alloc(4096, 1)
  for (let size = block.length; size > 0; ) {
    try {
      size = writeSync(descriptor, block, 0, size)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      size = Math.floor(size / 2)
    }
  }
  closeSync(descriptor)
}
