import { SingleBar } from 'cli-progress'
import { formatNumber, type Output } from './usage.ts'

/** How often a line shows the progress when there is no terminal, in ms. */
const LINE_MS = 10_000

/** Shows the progress of long work. */
export interface Progress {
  /** @param done the units that are done by now */
  update(done: number): void
  /** Must be called when the work ends, even if it fails. */
  stop(): void
}

/**
 * Shows a bar with rate and time left on a terminal, and elsewhere a line every ten seconds.
 * @param total units of work
 * @param unit the name of the units, such as `pages`
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
  const rateOf = (done: number) =>
    formatNumber(Math.round((1000 * done) / Math.max(1, now() - begin)))
  if (!stream.isTTY) {
    let nextLine = begin + LINE_MS
    return {
      update(done) {
        if (now() < nextLine) return
        nextLine = now() + LINE_MS
        warn(`${formatNumber(done)} of ${formatNumber(total)} ${unit}, ${rateOf(done)} a second`)
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
    formatValue: (value) => (typeof value === 'number' ? formatNumber(value) : String(value)),
    format: `{bar} {value} of {total} ${unit}, {rate} a second, {eta_formatted} left`,
  })
  bar.start(total, 0, { rate: '0' })
  return { update: (done) => bar.update(done, { rate: rateOf(done) }), stop: () => bar.stop() }
}
