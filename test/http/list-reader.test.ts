import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { ListReader } from '../../src/http/list-reader.ts'
import type { ListQuery } from '../../src/store.ts'

const of = (ip: string) => ({ ip }) as FastifyRequest
const QUERY = {} as ListQuery
const EMPTY = { hosts: [], next: null, at: 0 }

test('a client with many requests for lists keeps no other client waiting, and those that wait are bounded', async () => {
  const reading: PromiseWithResolvers<typeof EMPTY>[] = []
  const hosts = () => {
    const read = Promise.withResolvers<typeof EMPTY>()
    reading.push(read)
    return read.promise
  }
  const lists = new ListReader({ hosts, pages: () => assert.fail() })
  const refusals: unknown[] = []
  const all = Array.from({ length: 200 }, (_, at) =>
    // All of one network belong to one client.
    lists.hosts(of(`2001:db8:1:2::${at}`), QUERY).catch(({ code }) => refusals.push(code)),
  )
  await nextTurn()
  assert.equal(reading.length, 4)
  assert.deepEqual(refusals, Array(146).fill('too_many_requests'))
  const other = lists.hosts(of('192.0.2.1'), QUERY)
  assert.equal(reading.length, 5)
  reading.pop()?.resolve(EMPTY)
  assert.equal(await other, EMPTY)

  let read = 0
  for (let next = reading.shift(); next; next = reading.shift()) {
    read += 1
    // A failure frees its place, too.
    if (read % 2 === 0) next.resolve(EMPTY)
    else next.reject(new Error('away'))
    await nextTurn()
    assert.ok(reading.length <= 4)
  }
  assert.equal(read, 54)
  await Promise.all(all)
})
