import assert from 'node:assert/strict'
import test from 'node:test'
import { build } from '../harness/app.ts'

test('no connection is held for long by who sends slowly, or nothing', async (t) => {
  const { app } = await build(t)
  const { requestTimeout, headersTimeout, keepAliveTimeout } = app.server
  assert.equal(requestTimeout, 10_000)
  assert.ok(headersTimeout <= 10_000, `${headersTimeout} ms for the headers alone`)
  assert.equal(keepAliveTimeout, 30_000)
})
