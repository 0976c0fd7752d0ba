const ENGINES = ['sqlite', 'postgres'] as const
export type Engine = (typeof ENGINES)[number]

/** The databases to test with: all, or those that ENGINES names. If one cannot be started, the run fails. */
export function engines(): Engine[] {
  const asked = process.env.ENGINES?.split(',') ?? [...ENGINES]
  const wrong = asked.filter((name) => !(ENGINES as readonly string[]).includes(name))
  if (wrong.length > 0) throw new Error(`ENGINES names ${wrong}; there are ${ENGINES}`)
  return asked as Engine[]
}
