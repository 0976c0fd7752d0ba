import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

export const MAIN = join(import.meta.dirname, '../../bin/tallymark')

const { PATH, NODE_COMPILE_CACHE } = process.env
/** The environment that a process needs, without any settings. */
export const BARE: NodeJS.ProcessEnv = { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }) }

export interface Server {
  process: ChildProcess
  /** Such as `http://localhost:40123`. */
  origin: string
  port: number
  /** The text of its standard output. */
  output(): string
  /** The text of its standard error. */
  errors(): string
}

/**
 * Starts the service as a person does, in a process of its own on a free port, and waits until it prints that it
 * counts. It is killed when the test ends.
 * @param descriptors the limit of open files, as `ulimit -n` sets it
 */
export async function startServer(
  t: TestContext,
  env: Record<string, string>,
  descriptors?: number,
): Promise<Server> {
  const command = [process.execPath, MAIN]
  if (descriptors) command.unshift('sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh')
  const [program, ...argv] = command as [string, ...string[]]
  const child = spawn(program, argv, {
    env: { ...BARE, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  const complaints: string[] = []
  child.stderr.on('data', (chunk) => complaints.push(String(chunk)))
  const printed: string[] = []
  child.stdout.on('data', (chunk) => printed.push(String(chunk)))
  const lines = createInterface({ input: child.stdout })
  const origin = await Promise.race([
    new Promise<string>((resolve) => {
      lines.on('line', (line) => {
        const [, found] = /^Tallymark counts on (http:\S+)/.exec(line) ?? []
        if (found) resolve(found)
      })
    }),
    once(child, 'close').then(([code]) => {
      throw new Error(`the server ended with code ${code}: ${complaints.join('')}`)
    }),
  ])
  return {
    process: child,
    origin,
    port: Number(new URL(origin).port),
    output: () => printed.join(''),
    errors: () => complaints.join(''),
  }
}

/** Runs a command line to its end, without a shell. @param cwd the folder in which it is started */
export async function runMain(env: Record<string, string>, argv: string[], cwd?: string) {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    env: { ...BARE, PORT: '0', ...env },
    ...(cwd !== undefined && { cwd }),
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const [code] = await once(child, 'close')
  return { code, output, errors }
}

/** Ends a server by a signal. Resolves when it has ended, with its exit code, or null if it was killed. */
export async function stopServer(
  { process: child }: Server,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const ended = once(child, 'exit')
  child.kill(signal)
  const [code] = await ended
  return code
}
