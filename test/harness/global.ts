// Run once, before all test files: they share one PostgreSQL server, where each test has a database of its own.
import { engines } from './engines.ts'
import { makeCluster, makeTemplate } from './postgres.ts'

const ends: (() => unknown)[] = []

export async function globalSetup(): Promise<void> {
  if (!engines().includes('postgres')) return
  // What the tests write is gone with them, so no disk has to be waited for.
  const { origin } = await makeCluster({ after: (end) => void ends.push(end) }, ['fsync=off'])
  await makeTemplate(origin)
  process.env.TEST_POSTGRES = origin
}

export async function globalTeardown(): Promise<void> {
  for (const end of ends) await end()
}
