import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { FLOODS } from '../harness/flood.ts'

const run = promisify(execFile)
const FLOOD = join(import.meta.dirname, '../harness/flood.ts')

/** Of each kind. Each request has some 15 kB, so whatever keeps request lines or headers keeps 6 MB. */
const REQUESTS = 400
const MAX_GROWTH = 4_500_000

test('nothing that is cached keeps a whole request in memory', {
  timeout: 85_000,
}, async () => {
  const kinds = Object.keys(FLOODS)
  const { stdout } = await run(process.execPath, [
    '--expose-gc',
    FLOOD,
    kinds.join(','),
    `${REQUESTS}`,
  ])
  const grown = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
  assert.deepEqual(
    grown.map(([kind]) => kind),
    kinds,
  )
  for (const [kind, bytes] of grown) {
    assert.ok(Number(bytes) < MAX_GROWTH, `${kind}: ${bytes} bytes`)
  }
})
