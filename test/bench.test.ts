import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import test from 'node:test'
import { SaxesParser } from 'saxes'
import { chart } from '../bench/chart.ts'
import { spread } from '../bench/compare.ts'
import { readTargets } from '../bench/load.ts'

test('the chart is an SVG that reads its figures out, whatever they are', () => {
  const compared = { p99: [1, 2] as [number, number], writtenPerAnswer: 1, rounds: [] }
  const svg = chart(
    [
      {
        name: 'a',
        title: 'a < b & c',
        least: 0.5,
        hope: 0.7,
        ratio: spread([0.6, 0.4, 0.5]),
        ...compared,
      },
      { name: 'b', title: 'faster', least: 0.5, hope: 0.7, ratio: spread([3]), ...compared },
    ],
    'wrk & co',
  )
  const parser = new SaxesParser({ xmlns: true })
  parser.write(svg).close()
  assert.match(svg, /a &lt; b &amp; c 0\.50; faster 3\.00/)
})

test('spread is the middle, the least and the most', () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, least: 1, most: 3 })
  assert.deepEqual(spread([1]), { median: 1, least: 1, most: 1 })
})

test('targets keep their cookies', () => {
  assert.deepEqual(readTargets('/a\t\n/b\tx=1; y=2\n'), [
    { path: '/a' },
    { path: '/b', cookie: 'x=1; y=2' },
  ])
})

test('a work that does not exist is named, with those that do', () => {
  const bench = join(import.meta.dirname, '../bench/run.ts')
  const { status, stderr } = spawnSync(process.execPath, [bench, '--only', 'nothing'], {
    encoding: 'utf8',
  })
  assert.equal(status, 2)
  assert.match(stderr, /no work nothing\..*Works: pages, hot, many/s)
})
