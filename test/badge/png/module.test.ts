import assert from 'node:assert/strict'
import test from 'node:test'
import { boundMemory } from '../../../src/badge/png/thread.ts'

/** A module that exports its memory. @param type the memory's limits, as they are written */
const moduleOf = (type: number[], before: number[] = []) =>
  new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...before,
    ...[5, type.length + 1, 1, ...type],
    ...[7, 5, 1, 1, 0x6d, 2, 0],
  ])

async function memoryOf(file: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Memory> {
  const { instance } = await WebAssembly.instantiate(file)
  return instance.exports.m as WebAssembly.Memory
}

test('memory grows up to its maximum, and no further', async () => {
  for (const most of [2, 127, 128, 2048]) {
    // A section of its own name stands before it.
    const bounded = boundMemory(moduleOf([0, 1], [0, 3, 1, 0x61, 9]), most)
    const memory = await memoryOf(bounded)
    assert.equal(memory.buffer.byteLength, 65_536)
    memory.grow(most - 1)
    assert.throws(() => memory.grow(1), RangeError)
  }
})

test('a module whose memory is not as expected is refused', () => {
  assert.throws(() => boundMemory(moduleOf([1, 1, 2]), 9), /maximum/)
  assert.throws(() => boundMemory(moduleOf([0, 1]).subarray(0, 8), 9), /no memory/)
})
