import { get, type IncomingMessage } from 'node:http'
import type { Scope } from './app.ts'
import { until } from './until.ts'

export interface ServerEvent {
  id: string
  event: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the event holds
  data: any
}

/** A client of a stream of server-sent events. */
export interface EventClient {
  answer: IncomingMessage
  /** All that has arrived. */
  text(): string
  /** The events of a name that have arrived. */
  events(name?: string): ServerEvent[]
  /** Waits for so many events of a name. */
  reach(many: number, name?: string): Promise<ServerEvent[]>
  /** Whether the stream has ended. */
  isEnded(): boolean
  close(): void
}

/** Connects to a stream, which ends with the scope. */
export async function listenTo(
  t: Scope,
  address: string,
  headers: Record<string, string> = {},
): Promise<EventClient> {
  const request = get(address, { headers, agent: false })
  t.after(() => request.destroy())
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
  })
  request.on('error', () => {})
  answer.on('error', () => {})
  let text = ''
  let ended = false
  answer.setEncoding('utf8')
  answer.on('data', (chunk) => {
    text += chunk
  })
  answer.on('close', () => {
    ended = true
  })
  const events = (name = 'visit') => parseEvents(text).filter(({ event }) => event === name)
  return {
    answer,
    text: () => text,
    events,
    async reach(many, name) {
      await until(() => events(name).length >= many)
      return events(name)
    },
    isEnded: () => ended,
    close: () => request.destroy(),
  }
}

export function parseEvents(text: string): ServerEvent[] {
  const blocks = text.split('\n\n').slice(0, -1)
  return blocks.flatMap((block) => {
    const fields = new Map(
      block.split('\n').map((line) => {
        const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? []
        return [name, value]
      }),
    )
    const data = fields.get('data')
    if (data === undefined) return []
    return [
      { id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(data) },
    ]
  })
}
