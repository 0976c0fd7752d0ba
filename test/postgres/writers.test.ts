import assert from 'node:assert/strict'
import test from 'node:test'
import { Connection } from '../../src/database/postgres/connection.ts'
import { WriterGone } from '../../src/database/postgres/failures.ts'
import { hashOf, Pages } from '../../src/database/postgres/pages.ts'
import { Transactions } from '../../src/database/postgres/transaction.ts'
import { normalizePage } from '../../src/page.ts'
import { T0 } from '../harness/app.ts'
import { makeDatabase, run } from '../harness/postgres.ts'

const A = normalizePage('a.example')
const OPTIONS = { answerMs: 5000 }

test('what was looked up as a writer is not written as the next one', async (t) => {
  const url = await makeDatabase(t)
  const link = new Connection(url, OPTIONS)
  const removals: number[] = []
  const onRegister = (current: number) => removals.push(current)
  const transactions = new Transactions(url, { ...OPTIONS, onRegister }, link)
  t.after(() => Promise.all([transactions.close(), link.close()]))
  const writer = await transactions.register(T0)
  assert.equal(await transactions.register(T0), writer)
  await transactions.run(T0, async () => {}, { writer })
  await run(url, "update writer set fenced = true; update chore set at = 7 where name = 'removal'")
  // Looks up nothing before, so it is done as the next writer.
  await transactions.run(T0, async () => {})
  await assert.rejects(
    transactions.run(T0, async () => {}, { writer }),
    WriterGone,
  )
  assert.deepEqual(removals, [0, 7])
})

test('a page that was looked up before an action is looked up again after it', async () => {
  const pages = new Pages({ maxPages: 0, maxPagesPerHost: 0 })
  const asked: (() => void)[] = []
  const client = {
    query: async ({ name }: { name: string }) => {
      if (name !== 'findPages') return { rows: [] }
      await new Promise<void>((resolve) => asked.push(resolve))
      return { rows: [[hashOf(A), hashOf(A), 0]] }
    },
  }
  const link = { connected: async () => client } as unknown as Connection
  const find = () =>
    pages.names([A], true, { link, transactions: {} as unknown as Transactions, now: T0 })
  const next = async () => {
    const finding = find()
    await new Promise(setImmediate)
    return { finding, isAsked: asked.length > 0 }
  }
  const before = await next()
  pages.notice(1)
  asked.shift()?.()
  await before.finding
  const after = await next()
  assert.ok(after.isAsked)
  asked.shift()?.()
  await after.finding
  assert.ok(!(await next()).isAsked, 'now it is known')
})
