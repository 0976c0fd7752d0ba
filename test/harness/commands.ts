import { CommanderError } from 'commander'
import type { Settings } from '../../config.ts'
import { runCommandLine } from '../../src/commands/program.ts'
import { type Output, UsageError } from '../../src/commands/usage.ts'

/** The settings for commands in tests. */
export interface CommandSettings {
  databaseFile: string
  databaseUrl?: string | undefined
  keepQuery?: readonly string[]
  keepHistoryDays?: number
}

/**
 * Runs a command line as `tallymark` does, in this process.
 * @param now milliseconds since 1970, UTC
 * @throws UsageError for a wrong line, with the text of standard error
 */
export async function runCommand(
  words: readonly string[],
  { databaseFile, databaseUrl, keepQuery = [], keepHistoryDays = 0 }: CommandSettings,
  now: number,
  output: Partial<Output> = {},
): Promise<number> {
  const errors: string[] = []
  const settings = {
    database: {
      file: databaseFile,
      url: databaseUrl,
      options: {
        durability: 'full',
        maxPages: 0,
        maxPagesPerHost: 0,
        maxWaiting: 1000,
        activeMs: 300_000,
      },
    },
    pages: { keepQuery },
    history: { keepHistoryDays },
  } as Settings
  return runCommandLine(words, {
    settings: async () => settings,
    now: () => now,
    output: {
      print: output.print ?? (() => {}),
      warn(line) {
        errors.push(line)
        output.warn?.(line)
      },
    },
    serve: () => Promise.reject(new Error('no service is started here')),
  }).catch((error) => {
    throw error instanceof CommanderError ? new UsageError(errors.join('\n')) : error
  })
}
