/** A command line that cannot be carried out, with the reason for the person who typed it. */
export class UsageError extends Error {}
