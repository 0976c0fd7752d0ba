/** Why the service did not start, for the person who started it. */
export class StartError extends Error {}
