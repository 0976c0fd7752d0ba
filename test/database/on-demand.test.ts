import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'
import { OnDemand } from '../../src/database/on-demand.ts'
import { temporaryFolder } from '../harness/app.ts'

interface Work {
  add(one: number, other: number): number
  never(): Promise<void>
  close(): void
}

test('a thread starts when it is called, and closing waits for its answers, but not for ever', async (t) => {
  const file = join(temporaryFolder(t), 'work.ts')
  const { href } = new URL('../../src/worker.ts', import.meta.url)
  writeFileSync(
    file,
    `import { serve } from '${href}'
    const never = () => new Promise(() => setInterval(() => {}, 1000))
    serve({ add: (one, other) => one + other, never, close() {} })`,
  )
  const thread = new OnDemand<Work>(pathToFileURL(file), null)
  assert.equal(thread.isRunning, false)
  await thread.close()
  const answer = thread.call('add', 1, 2)
  assert.deepEqual([thread.isRunning, thread.waiting], [true, 1])
  await thread.close()
  assert.equal(await answer, 3)
  assert.equal(thread.isRunning, false)

  const left = thread.call('never')
  const refused = assert.rejects(left, /thread ended/)
  const begin = performance.now()
  await thread.close(50)
  await refused
  assert.ok(performance.now() - begin < 10_000)
})
