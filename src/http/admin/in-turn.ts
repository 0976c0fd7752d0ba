/** Runs work, one piece after the other in the order of the calls, and resolves with its result. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

/** A new queue. Work that fails does not keep the next from running. */
export function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(work, work)
    last = done
    return done
  }
}
