import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { LoggedVisit, VisitLog, Wanted } from '../../live.ts'
import { Refusal } from '../../refusal.ts'
import { hostOfSite } from '../../site.ts'
import type { Wants } from './wants.ts'

/** Events that a stream gets within a second, at most. */
const EVENTS_A_SECOND = 20
/** Streams that are served in one tick, at most: with more streams, each of them waits for its turn. */
const STREAMS_A_TICK = 128
/** After how long without an event a comment is sent, in ms, so that neither side takes the connection for dead. */
const HEARTBEAT_MS = 15_000
/** How long bytes that were sent may stay unread, in ms. Until they are read, nothing is added to them. */
const UNREAD_MS = 10_000
/** Events that are sent at once to a client that has missed them. */
const REPLAYED = 200
/** When a client shall connect again, in ms: not all at once after a restart. */
const RETRY_MS = { least: 2000, most: 5000 }

const CHANGED = 'event: changed\ndata: {}\n\n'

/** What a request for a stream says. */
export interface StreamRequest {
  /** The name of what it wants: equal for equal wants. */
  name: string
  wanted: Wanted
  /** The header Last-Event-ID. */
  lastEventId: string | undefined
  /** Who asks. It is kept for as long as the stream lasts, so that one client cannot take all streams. */
  address: string
  /** Text to begin with. */
  greeting: string
}

/** What several streams want. */
interface Channel {
  name: string
  wanted: Wanted
  streams: number
  /** The text of the last chunk, and what it was made for: most streams get the same one. */
  chunk: { after: number; upTo: number; limit: number; bytes: Buffer; events: number } | null
}

interface Stream {
  readonly response: ServerResponse
  readonly channel: Channel
  readonly address: string
  /** The id of the last event that was looked at for this stream. */
  after: number
  /** When its last events were sent, of one second at most. */
  sentAt: number[]
  wroteAt: number
  /** Since when bytes that were sent may be unread; null if all are read. */
  unreadSince: number | null
  /** Whether it has to be told that an operator has changed something. */
  isOutdated: boolean
}

/** Sends the events of a log to any number of clients, as server-sent events. One timer, which calls `tick`, serves all. */
export class Streams {
  readonly #log: VisitLog
  readonly #wants: Wants
  readonly #limit: number
  /** Identifies this run of the service in the ids of events, which begin at 1 in each. */
  readonly #run = randomBytes(6).toString('base64url')
  /** Those that have waited longest come first. */
  readonly #streams = new Set<Stream>()
  readonly #channels = new Map<string, Channel>()
  readonly #byAddress = new Map<string, Set<Stream>>()
  #isClosed = false
  #now = 0

  /** @param wants is told what the streams want */
  constructor(log: VisitLog, wants: Wants, limit: number) {
    this.#log = log
    this.#wants = wants
    this.#limit = limit
  }

  get size(): number {
    return this.#streams.size
  }

  /**
   * Refuses a stream if there is no room for it. A client that has more streams than any other makes room for one that has
   * fewer.
   * @throws Refusal `too_many_streams`
   */
  makeRoom(address: string): void {
    if (!this.#isClosed && this.#streams.size < this.#limit) return
    const own = this.#byAddress.get(address)?.size ?? 0
    const [most] = [...this.#byAddress.values()].sort((a, b) => b.size - a.size)
    const [oldest] = most ?? []
    if (!this.#isClosed && most !== undefined && oldest && most.size > own + 1) {
      this.#end(oldest)
      return
    }
    throw new Refusal(
      'too_many_streams',
      'too many streams',
      'This counter has no room for another live stream just now. Try again soon.',
    )
  }

  /** Begins a stream on a response whose head is written. */
  open(response: ServerResponse, request: StreamRequest, now: number): void {
    const { name, wanted, address, greeting } = request
    this.#now = now
    const channel = this.#channels.get(name) ?? { name, wanted, streams: 0, chunk: null }
    if (channel.streams === 0) {
      this.#channels.set(name, channel)
      this.#wants.add(wanted)
    }
    channel.streams += 1
    const after = this.#positionOf(request.lastEventId)
    const stream = {
      ...{ response, channel, address, after, wroteAt: now },
      ...{ sentAt: [], unreadSince: now, isOutdated: false },
    }
    this.#streams.add(stream)
    const siblings = this.#byAddress.get(address) ?? new Set()
    this.#byAddress.set(address, siblings.add(stream))
    response.once('close', () => this.#forget(stream))
    const { least, most } = RETRY_MS
    const missed = this.#log.since(after, wanted, REPLAYED)
    stream.after = this.#log.lastId
    response.write(
      `retry: ${Math.round(least + Math.random() * (most - least))}\n\n${greeting}${this.#write(missed)}`,
    )
  }

  /** Sends what has happened to the streams that have waited longest. */
  tick(now: number): void {
    this.#now = now
    let left = Math.min(STREAMS_A_TICK, this.#streams.size)
    for (const stream of this.#streams) {
      if (left === 0) break
      left -= 1
      this.#streams.delete(stream)
      this.#streams.add(stream)
      this.#serve(stream, now)
    }
  }

  /**
   * Must be called when an operator has changed pages or lists. Streams of named pages end: their clients connect again, and
   * then get the pages as they are now. All others are told in their turn to read again what they show.
   */
  announceChange(): void {
    for (const stream of this.#streams) {
      if (stream.channel.wanted.pages.size > 0) this.#end(stream)
      else stream.isOutdated = true
    }
  }

  /** Ends all streams, and refuses new ones. */
  close(): void {
    this.#isClosed = true
    for (const stream of this.#streams) this.#end(stream)
  }

  #serve(stream: Stream, now: number): void {
    const { response, channel } = stream
    if (stream.unreadSince !== null) {
      if (response.writableLength > 0) {
        // The clock may have been set back.
        stream.unreadSince = Math.min(stream.unreadSince, now)
        if (now - stream.unreadSince >= UNREAD_MS) response.destroy()
        return
      }
      stream.unreadSince = null
    }
    if (stream.isOutdated) {
      stream.isOutdated = false
      this.#send(stream, CHANGED, now)
    }
    const { lastId } = this.#log
    if (stream.after < lastId) {
      stream.sentAt = stream.sentAt.filter((at) => at > now - 1000 && at <= now)
      const limit = EVENTS_A_SECOND - stream.sentAt.length
      // The events wait: by then they may be fewer, because only the newest of each page is sent.
      if (limit === 0) return
      const { bytes, events } = this.#chunkOf(channel, stream.after, limit)
      stream.after = lastId
      for (let event = 0; event < events; event++) stream.sentAt.push(now)
      if (events > 0) this.#send(stream, bytes, now)
    }
    if (now - stream.wroteAt >= HEARTBEAT_MS || now < stream.wroteAt) {
      this.#send(stream, ':\n\n', now)
    }
  }

  #chunkOf(channel: Channel, after: number, limit: number) {
    const upTo = this.#log.lastId
    const { chunk } = channel
    if (chunk?.after === after && chunk.upTo === upTo && chunk.limit === limit) return chunk
    const events = this.#log.since(after, channel.wanted, limit)
    // Encoded once, not for each stream.
    const bytes = Buffer.from(this.#write(events))
    channel.chunk = { after, upTo, limit, bytes, events: events.length }
    return channel.chunk
  }

  #write(events: readonly LoggedVisit[]): string {
    return events
      .map(({ id, page, count, outcome, at }) => {
        const host = hostOfSite(page)
        const event =
          host === null
            ? visitEvent({ page, count, outcome, time: new Date(at).toISOString() })
            : siteEvent(host, count)
        return `id: ${this.#run}.${id}\n${event}`
      })
      .join('')
  }

  #send(stream: Stream, text: string | Buffer, now: number): void {
    const { response } = stream
    // A connection that was slow for a while has got a time limit, which must not end a stream without events.
    if (response.socket?.timeout) response.socket.setTimeout(0)
    response.write(text)
    stream.wroteAt = now
    stream.unreadSince = now
  }

  /** Where a client continues: after the event that it names, if that is known, else after the newest one. */
  #positionOf(lastEventId = ''): number {
    const [run, id] = lastEventId.split('.')
    const { lastId } = this.#log
    if (run !== this.#run || id === undefined || !/^\d{1,15}$/.test(id)) return lastId
    return Math.min(Number(id), lastId)
  }

  #end(stream: Stream): void {
    this.#forget(stream)
    const { response } = stream
    // Who does not read what was sent would not read the end either.
    if (response.writableLength > 0) response.destroy()
    else response.end()
  }

  #forget(stream: Stream): void {
    if (!this.#streams.delete(stream)) return
    const { channel, address } = stream
    channel.streams -= 1
    if (channel.streams === 0) {
      this.#channels.delete(channel.name)
      this.#wants.leave(channel.wanted, this.#now)
    }
    const siblings = this.#byAddress.get(address)
    siblings?.delete(stream)
    if (siblings?.size === 0) this.#byAddress.delete(address)
  }
}

function visitEvent(data: object): string {
  return `event: visit\ndata: ${JSON.stringify(data)}\n\n`
}

/** The event that tells the number of a host. */
export function siteEvent(site: string, count: number): string {
  return `event: site\ndata: ${JSON.stringify({ site, count })}\n\n`
}
