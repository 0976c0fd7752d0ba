import { setTimeout } from 'node:timers/promises'
import { serve } from '../../src/worker.ts'

const functions = {
  double: (number: number) => 2 * number,
  later: (value: string) => setTimeout(20, value),
  fail: () => {
    throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
  },
  failWithNothing: () => Promise.reject(null),
  failWithFunction: () => Promise.reject({ toString: () => 'not to be copied' }),
  crash: () => void setImmediate(() => Promise.reject(new Error('crashed'))),
  wait: () => setTimeout(60_000),
}
export type Served = typeof functions
serve(functions)
