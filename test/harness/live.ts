import type { TestContext } from 'node:test'
import { build, T0, type TestApp } from './app.ts'
import { listenTo } from './events.ts'

/** Longer than the service waits between two looks, in ms. */
export const TICKS_MS = 350
export const ROBOT = { 'user-agent': 'Googlebot/2.1' }
export const DEED = { actor: 'test', reason: '', at: T0 }

/** The service, and clients of /live. */
export async function startLive(t: TestContext, env: Record<string, string> = {}) {
  const service = await build(t, env)
  const listen = (query = '', headers: Record<string, string> = {}) =>
    listenTo(t, `${service.origin}/live${query}`, headers)
  return { ...service, listen }
}

/** What an operator does. */
export const change = (
  { store }: Pick<TestApp, 'store'>,
  ...changes: Parameters<TestApp['store']['admin']['change']>[0]
) => store.admin.change(changes, DEED)
