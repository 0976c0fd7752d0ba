import { Socket } from 'node:net'
import { Client, type CustomTypesConfig, types } from 'pg'
import { within } from './deadline.ts'
import { QUERIES, type Queries } from './queries.ts'

/** How long a connection may take to be made, in ms. */
export const CONNECT_MS = 3000
/** How long its end may take, in ms: a server that is away says nothing to it. */
const END_MS = 1000

/** Counts are bigint, which the driver would give as text. */
const BIGINT = 20
export const countsAsNumbers: CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === BIGINT ? Number : types.getTypeParser(oid, format)),
}

/** A row of an answer. */
export type Row = (string | number)[]
type Parameter = string | number | readonly string[]
/** A statement that is prepared once for a connection, with its parameters. */
export type Statement = [name: keyof Queries, ...parameters: Parameter[]]

export interface ConnectionOptions {
  /** How long a statement may take to be answered, in ms. */
  answerMs: number
  /** Is told of each new connection: what is remembered of the database may not hold any more. */
  onConnect?: () => void
}

/** One connection, made when it is needed, and again after it was lost. Statements are sent without waiting. */
export class Connection {
  readonly #url: string
  readonly #setup: string
  readonly #options: ConnectionOptions
  #client: Promise<Client> | null = null
  #socket: Socket | null = null

  /** @param setup is run on every new connection */
  constructor(url: string, setup: string, options: ConnectionOptions) {
    this.#url = url
    this.#options = options
    this.#setup = setup
  }

  /** @throws what the driver throws, also when the connection is lost, or no answer comes for too long */
  async run(...statements: Statement[]): Promise<Row[][]> {
    const client = await this.connected()
    return all(statements.map((statement) => run(client, statement)))
  }

  /** A live connection. */
  connected(): Promise<Client> {
    this.#client ??= this.#connect()
    return this.#client
  }

  async close(): Promise<void> {
    // A connection that is lost on the way, or cannot be made, has ended as well.
    const ended = this.#client?.then((client) => client.end()).catch(() => {})
    await within(END_MS, ended ?? Promise.resolve())
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
      // A statement that is not answered ends its connection, and with it all that were sent behind it.
      query_timeout: this.#options.answerMs,
      keepAlive: true,
      pipeline: true,
      types: countsAsNumbers,
    })
    const connecting = this.#setUp(client)
    const forget = () => {
      if (this.#client === connecting) this.#client = null
    }
    // Whoever waits for an answer is told as well.
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
    await client.query(this.#setup)
    this.#options.onConnect?.()
    return client
  }
}

export async function run(client: Client, [name, ...values]: Statement): Promise<Row[]> {
  const query = { name, text: QUERIES[name], values, rowMode: 'array' as const }
  return (await client.query<Row>(query)).rows
}

/** What the server says of all that comes after a failure, until the transaction is ended. */
const ABORTED = '25P02'

/** Waits for all, so that nothing is left on its way; then throws the failure that the others follow from. */
export async function all<Result>(promises: readonly Promise<Result>[]): Promise<Result[]> {
  const results = await Promise.allSettled(promises)
  const failures = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  if (failures.length > 0) throw failures.find(({ code }) => code !== ABORTED) ?? failures[0]
  return results.map((each) => (each as PromiseFulfilledResult<Result>).value)
}

export type { Client }
