import { SingleBar } from 'cli-progress'
import type { Output } from './usage.ts'

/** How often a line says how far the work is where there is no terminal, in ms. */
const LINE_MS = 10_000

/** Says how far long work is. */
export interface Progress {
  /** @param done units that are done by now */
  update(done: number): void
  /** To be called when the work ends, also where it fails. */
  stop(): void
}

/**
 * One bar with rate and time left on a terminal; elsewhere a line every ten seconds.
 * @param total units of work
 * @param unit what is counted, such as `pages`
 * @param now milliseconds
 */
export function showProgress(
  total: number,
  unit: string,
  { warn }: Pick<Output, 'warn'>,
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  const begin = now()
  const number = (value: number) => value.toLocaleString('en')
  const rateOf = (done: number) => number(Math.round((1000 * done) / Math.max(1, now() - begin)))
  if (!stream.isTTY) {
    let nextLine = begin + LINE_MS
    return {
      update(done) {
        if (now() < nextLine) return
        nextLine = now() + LINE_MS
        warn(`${number(done)} of ${number(total)} ${unit}, ${rateOf(done)} a second`)
      },
      stop() {},
    }
  }
  const bar = new SingleBar({
    stream,
    clearOnComplete: true,
    hideCursor: true,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    formatValue: (value) => (typeof value === 'number' ? number(value) : String(value)),
    format: `{bar} {value} of {total} ${unit}, {rate} a second, {eta_formatted} left`,
  })
  bar.start(total, 0, { rate: '0' })
  return { update: (done) => bar.update(done, { rate: rateOf(done) }), stop: () => bar.stop() }
}
