import fc from 'fast-check'

/** Any change of a page by an operator, with small numbers. */
export const anyChange = <Page, Hour>(page: fc.Arbitrary<Page>, hour: fc.Arbitrary<Hour>) =>
  fc.oneof(
    fc.record({ action: fc.constant('set'), page, hits: fc.nat(20) }),
    fc.record({ action: fc.constant('add'), page, hits: fc.integer({ min: -3, max: 9 }) }),
    fc.record({ action: fc.constant('reset'), page }),
    fc.record({ action: fc.constant('rename'), page, to: page, alias: fc.boolean() }),
    fc.record({ action: fc.constant('merge'), page, into: page }),
    fc.record({ action: fc.constant('unalias'), page }),
    fc.record({ action: fc.constant('remove'), page }),
    fc.record({ action: fc.constant('restore'), page }),
    fc.record({ action: fc.constant('purge'), page }),
    fc.record({ action: fc.constant('take-back'), page, hour }),
  )
