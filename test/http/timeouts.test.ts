import assert from 'node:assert/strict'
import test from 'node:test'
import { build } from '../harness/app.ts'

test('a client that sends slowly, or nothing, holds no connection for long', async (t) => {
  const { app } = await build(t)
  const { requestTimeout, headersTimeout, keepAliveTimeout } = app.server
  assert.equal(requestTimeout, 10_000)
  assert.ok(headersTimeout <= 10_000, `${headersTimeout} ms for the headers alone`)
  assert.equal(keepAliveTimeout, 30_000)
})
