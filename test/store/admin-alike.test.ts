import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import type { Change, Deed } from '../../src/admin.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { normalizePage, type PageKey } from '../../src/page.ts'
import { Refusal } from '../../src/refusal.ts'
import type { Store } from '../../src/store.ts'
import { anyChange } from '../harness/any-change.ts'
import { historyOf, T0, temporaryFolder } from '../harness/app.ts'
import { engines } from '../harness/engines.ts'
import { makeDatabase } from '../harness/postgres.ts'

const HOUR = 3_600_000
const NOON = T0 / HOUR
const TODAY = { from: NOON - 12, to: NOON + 12 }
const DEED: Deed = { actor: 'session 1', reason: 'a test', at: T0 }

/** A page of a run, by its number. */
const nameOf = (run: number, page: number) =>
  normalizePage(page % 2 === 0 ? `run${run}.example/${page}` : `${page}.run${run}.example`)

const page = fc.nat(3)
const change = anyChange(page, fc.constantFrom(NOON, NOON - 1))
/** A call with changes, or a visit that counts and one that does not. */
const step = fc.oneof(
  fc.array(change, { minLength: 1, maxLength: 6 }),
  fc.record({ page, hour: fc.constantFrom(NOON, NOON - 1) }),
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const refusalOf = (error: unknown) => {
  assert.ok(error instanceof Refusal)
  // Only internal texts, about the two databases, may differ.
  assert.notEqual(error.code, 'unavailable', String((error.cause as Error)?.stack))
  return { code: error.code, message: error.message }
}

/** What a step answers. */
async function take(store: Store, run: number, step: Step, at: number): Promise<unknown> {
  if (Array.isArray(step)) {
    const changes = step.map((each) => ({
      ...each,
      page: nameOf(run, each.page),
      ...('to' in each && { to: nameOf(run, each.to) }),
      ...('into' in each && { into: nameOf(run, each.into) }),
    }))
    return store.admin.change(changes as Change[], { ...DEED, at }).catch(refusalOf)
  }
  const page = nameOf(run, step.page)
  store.recordUncounted(page, 'bot', T0)
  return store.count({ page, at: step.hour * HOUR, window: null }).catch(refusalOf)
}

/** The newest entries of the audit log, without their ids. */
async function entries(store: Store, page: PageKey | null) {
  const read = await store.admin.audit({ page, before: null, limit: 99 })
  return read.map(({ id, ...entry }) => entry)
}

/** Everything that can be read about the pages of a run. */
async function look(store: Store, run: number): Promise<unknown> {
  await store.writeUncounted()
  const states = [0, 1, 2, 3].map(async (page) => {
    const name = nameOf(run, page)
    return {
      state: await store.admin.page(name, TODAY),
      read: await store.readPage(name, null, T0).catch(refusalOf),
      history: await historyOf(store, name, { from: NOON - 2, to: NOON + 2 }).catch(refusalOf),
      audit: await entries(store, name),
    }
  })
  return {
    states: await Promise.all(states),
    audit: await entries(store, null),
    versions: await store.admin.versions(),
  }
}

test('both databases do the same, whatever is done to pages', {
  skip: engines().length < 2,
}, async (t) => {
  const stores = [
    await openSqliteStore(join(temporaryFolder(t), 'store.db')),
    await openPostgresStore(await makeDatabase(t)),
  ]
  t.after(() => Promise.all(stores.map((store) => store.close())))
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      run += 1
      for (const [index, step] of steps.entries()) {
        const [one, other] = await Promise.all(
          stores.map((store) => take(store, run, step, T0 + index)),
        )
        assert.deepEqual(other, one)
      }
      const [one, other] = await Promise.all(stores.map((store) => look(store, run)))
      assert.deepEqual(other, one)
    }),
    { numRuns: 30 },
  )
})
