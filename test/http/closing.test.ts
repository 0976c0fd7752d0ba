import assert from 'node:assert/strict'
import test from 'node:test'
import { build } from '../harness/app.ts'

test('a visit that is on its way when the service closes is answered, and its connection let go', async (t) => {
  const { app, store, origin } = await build(t)
  const { count } = store
  const arrived = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  store.count = async (hit) => {
    arrived.resolve()
    await goOn.promise
    return count(hit)
  }
  const asked = fetch(`${origin}/count?url=example.com`)
  await arrived.promise
  const closed = app.close()
  goOn.resolve()
  const answer = await asked
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('connection'), 'close')
  assert.equal(await answer.text(), '1')
  await closed
})

test('an answer is whole on the wire, whatever characters it holds', async (t) => {
  const { origin, get } = await build(t)
  for (const label of ['hits', 'été', 'Besucher 👀', '訪問者']) {
    const path = `/nocount/tag.svg?url=example.com&label=${encodeURIComponent(label)}`
    const answer = await fetch(origin + path)
    const bytes = Buffer.from(await answer.arrayBuffer())
    assert.equal(Number(answer.headers.get('content-length')), bytes.length)
    assert.equal(bytes.toString(), (await get(path)).body)
    assert.match(bytes.toString(), /<\/svg>$/)
  }
})
