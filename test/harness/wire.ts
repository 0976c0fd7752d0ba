import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An answer, as its bytes were. */
export interface WireAnswer {
  status: number
  /** Names in lower case. */
  headers: Map<string, string>
  body: string
}

/** Connects a client that keeps its side open when the server ends, until the scope ends. */
export async function dial(t: { after(end: () => void): void }, port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  t.after(() => socket.destroy())
  // The server may end the connection while the client sends.
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/**
 * Sends bytes, and reads all answers.
 * @param bytes the client ends its side after these, and waits
 */
export async function exchange(
  port: number,
  bytes: string | Buffer,
  host = '127.0.0.1',
): Promise<WireAnswer[]> {
  const socket = connect({ port, host, allowHalfOpen: true })
  socket.end(bytes)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  return parseAnswers(Buffer.concat(chunks).toString())
}

/** Parses answers of ASCII that name their length. */
export function parseAnswers(text: string): WireAnswer[] {
  const answers: WireAnswer[] = []
  for (let rest = text; rest !== ''; ) {
    const [head = '', ...after] = rest.split('\r\n\r\n')
    const [line = '', ...lines] = head.split('\r\n')
    const headers = new Map(
      lines.map((each) => {
        const [name = '', value = ''] = each.split(/: (.*)/)
        return [name.toLowerCase(), value]
      }),
    )
    const status = Number(line.split(' ')[1])
    const length = Number(headers.get('content-length') ?? (status === 100 ? 0 : Number.NaN))
    if (Number.isNaN(length)) throw new Error(`an answer without length: ${head}`)
    const body = after.join('\r\n\r\n')
    answers.push({ status, headers, body: body.slice(0, length) })
    rest = body.slice(length)
  }
  return answers
}
