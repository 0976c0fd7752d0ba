import { Socket } from 'node:net'
import { Client, type CustomTypesConfig, types } from 'pg'
import type { Durability } from '../options.ts'
import { QUERIES, type Queries } from './queries.ts'

/** How long connecting may take, in ms. */
export const CONNECT_MS = 3000
/** How long a statement of a command may take, in ms. No visitor waits for it. */
export const COMMAND_ANSWER_MS = 60_000
/** How long each step of closing may take, in ms: an unreachable server does not answer. */
export const CLOSE_MS = 1000

/** The type of counts, which the driver would return as text. */
const BIGINT = 20
export const countsAsNumbers: CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === BIGINT ? Number : types.getTypeParser(oid, format)),
}

/** A row of a result. */
export type Row = (string | number | null)[]
type Parameter = string | number | readonly (string | null)[]
/** A prepared statement, by its name, with its parameters. */
export type Statement = [name: keyof Queries, ...parameters: Parameter[]]

export interface ConnectionOptions {
  /** How long the server may take to answer a statement, in ms. */
  answerMs: number
  /** Given for a connection that writes. */
  durability?: Durability
  /** Called after each connect, because what is remembered about the database may be outdated. */
  onConnect?: () => void
}

/**
 * Makes sure that a commit is on disk when it is answered, although the role or the database may be set to less.
 * Stricter settings stay as they are.
 */
const DURABLE =
  "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"
const NOT_DURABLE = 'set synchronous_commit = off'

/** SQL to run after each connect. The server ends unfinished transactions, whose locks would block others. */
const setupOf = ({ answerMs, durability }: ConnectionOptions) => `
  set statement_timeout = ${answerMs};
  set idle_in_transaction_session_timeout = ${answerMs};
  ${durability === undefined ? '' : durability === 'full' ? DURABLE : NOT_DURABLE}`

/** One connection, made when it is first needed, and made again after it was lost. Statements are pipelined. */
export class Connection {
  readonly #url: string
  readonly #options: ConnectionOptions
  #client: Promise<Client> | null = null
  #socket: Socket | null = null

  constructor(url: string, options: ConnectionOptions) {
    this.#url = url
    this.#options = options
  }

  /** @throws what the driver throws, also when the connection is lost, or the answer takes too long */
  async run(...statements: Statement[]): Promise<Row[][]> {
    const client = await this.connected()
    return all(statements.map((statement) => run(client, statement)))
  }

  /** The rows of one statement, as objects. */
  async rows<Result>(statement: Statement): Promise<Result[]> {
    return rows<Result>(await this.connected(), statement)
  }

  /** Resolves with the connected client. */
  connected(): Promise<Client> {
    this.#client ??= this.#connect()
    return this.#client
  }

  async close(): Promise<void> {
    // A connection that is lost meanwhile, or was never made, is closed too.
    const ended = this.#client?.then((client) => client.end()).catch(() => {})
    await within(CLOSE_MS, ended ?? Promise.resolve())
    this.#socket?.destroy()
  }

  #connect(): Promise<Client> {
    const socket = new Socket()
    this.#socket = socket
    const client = new Client({
      connectionString: this.#url,
      stream: () => socket,
      application_name: 'tallymark',
      connectionTimeoutMillis: Math.min(CONNECT_MS, this.#options.answerMs),
      // A statement without an answer in time ends its connection, which also rejects the statements after it.
      query_timeout: this.#options.answerMs,
      keepAlive: true,
      pipeline: true,
      types: countsAsNumbers,
    })
    const connecting = this.#setUp(client)
    const forget = () => {
      if (this.#client === connecting) this.#client = null
    }
    // Statements that wait for an answer are rejected by the driver.
    client.on('error', forget)
    client.on('end', forget)
    connecting.catch(() => {
      forget()
      socket.destroy()
    })
    return connecting
  }

  async #setUp(client: Client): Promise<Client> {
    await client.connect()
    await client.query(setupOf(this.#options))
    this.#options.onConnect?.()
    return client
  }
}

export async function run(client: Client, [name, ...values]: Statement): Promise<Row[]> {
  const query = { name, text: QUERIES[name], values, rowMode: 'array' as const }
  return (await client.query<Row>(query)).rows
}

/** The rows of a statement, as objects. */
export async function rows<Result>(
  client: Client,
  [name, ...values]: Statement,
): Promise<Result[]> {
  return (await client.query({ name, text: QUERIES[name], values })).rows as Result[]
}

/** The SQLSTATE of every statement after a failed one, until the transaction ends. */
const ABORTED = '25P02'

/** Waits for all promises, then throws the first failure if there is one: that which caused the others. */
export async function all<Result>(promises: readonly Promise<Result>[]): Promise<Result[]> {
  const results = await Promise.allSettled(promises)
  const failures = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  if (failures.length > 0) throw failures.find(({ code }) => code !== ABORTED) ?? failures[0]
  return results.map((each) => (each as PromiseFulfilledResult<Result>).value)
}

/** Waits for a promise, but no longer than `ms`. @returns whether it was resolved in time */
export async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}

export type { Client }
