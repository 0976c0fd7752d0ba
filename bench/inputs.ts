// `npm run bench:inputs`: what the longest and oddest addresses cost to read, as a ratio to an ordinary one of the
// same length. A pattern that backtracks over it shows as a ratio in the thousands.
import { normalizePage } from '../src/page.ts'
import { Refusal } from '../src/refusal.ts'

const LENGTH = 16_000
const PIECES = ['/', '\\', '%', '%2f', '.', './', ':', '@', '?', '[', 'é', 'a.']

/** The fastest of some readings, in ms: what the work takes when nothing comes between. */
function cost(input: string): number {
  let least = Number.POSITIVE_INFINITY
  for (let reading = 0; reading < 20; reading++) {
    const start = performance.now()
    try {
      normalizePage(input, ['a'])
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
    least = Math.min(least, performance.now() - start)
  }
  return least
}

const ordinary = cost(`x.e/${'a'.repeat(LENGTH)}`)
const rows = PIECES.flatMap((piece) => {
  const run = piece.repeat(Math.floor(LENGTH / piece.length))
  return [`x.e/${run}x`, `${run}x`, `https://${run}`, `x.e/?a=${run}`]
})
  .map((input) => ({ input, took: cost(input) }))
  .sort((a, b) => b.took - a.took)
process.stdout.write(`an ordinary address of ${LENGTH} characters: ${ordinary.toFixed(3)} ms\n`)
for (const { input, took } of rows.slice(0, 8)) {
  process.stdout.write(
    `${took.toFixed(3).padStart(8)} ms  ${(took / ordinary).toFixed(1).padStart(6)} x  ${JSON.stringify(input.slice(0, 24))}\n`,
  )
}
