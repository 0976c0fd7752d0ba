/** A command line that makes no sense, with the reason for the person who typed it. */
export class UsageError extends Error {}

/** A command that could not be carried out, with the reason for the person who typed it. */
export class CommandFailure extends Error {}

/** Where a command writes, a line at a time. */
export interface Output {
  /** Results. */
  print(line: string): void
  /** What the person has to know besides. */
  warn(line: string): void
}

/** Text that a stranger chose, shortened, as it may be shown: nothing in it can steer the terminal. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80)).replace(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
