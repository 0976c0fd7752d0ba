import { UsageError } from './usage.ts'

/** Options of the commands that change something: one that is lost changes something else. */
const OPTIONS = ['dry-run', 'source', 'pages-below', 'idle-days']

/**
 * Makes sure that npm has kept no option for itself: `npm run prune --dry-run` starts `prune` without it, and only leaves a
 * variable npm_config_dry_run.
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
