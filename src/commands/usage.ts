/** A wrong command line, with a message for the person who typed it. */
export class UsageError extends Error {}

/** A command that failed, with a message for the person who typed it. */
export class CommandFailure extends Error {}

/** A command writes by this, a line at a time. */
export interface Output {
  /** Results. */
  print(line: string): void
  /** Messages to the person, such as warnings and progress. */
  warn(line: string): void
}

/** Quotes and shortens text that a stranger chose, so that no character of it can control the terminal. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80)).replace(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Such as `1,234`. */
export const formatNumber = (value: number) => value.toLocaleString('en')

/** Such as `1 page` and `1,234 pages`. */
export const plural = (count: number, unit: string) =>
  `${formatNumber(count)} ${unit}${count === 1 ? '' : 's'}`

/** Options of the commands that change something: without one of them, the command would change the wrong thing. */
const OPTIONS = ['dry-run', 'source', 'pages-below', 'idle-days']

/**
 * Makes sure that npm did not take an option. npm takes `--dry-run` as its own option and starts `prune` without it. It
 * only sets npm_config_dry_run.
 * @param names of the variables in the environment
 * @throws UsageError
 */
export function checkNpmOptions([command]: readonly string[], names: readonly string[]): void {
  const kept = OPTIONS.filter((option) => names.includes(`npm_config_${option.replace('-', '_')}`))
  if (kept.length === 0 || command === undefined || command === 'serve') return
  const options = kept.map((option) => `--${option}`).join(' ')
  throw new UsageError(
    `npm kept ${options} for itself. Put -- in front: npm run ${command} -- ${options} ... Nothing was done.`,
  )
}
