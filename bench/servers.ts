import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The kernel's unit of processor time on Linux, in ms. */
const TICK_MS = 10

/** A server in a process of its own. */
export interface Server {
  origin: string
  /** All servers, if several share a database. */
  origins?: string[]
  /** From the start of the process until it can answer, in ms. */
  startMs: number
  /** The memory of the process, in bytes. */
  memory(): number
  /** Processor time that the process has used, in ms. */
  processor(): number
  /** Bytes that the process has written to the disk, as the kernel counts them; or PostgreSQL to its log. */
  written(): number | Promise<number>
  /** Ends the process and waits for it; SIGTERM lets it close its files. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** The file that starts the service of a checkout: `bin/tallymark`, or src/main.ts in older ones. */
export function entryOf(version: string): string {
  const bin = join(version, 'bin/tallymark')
  return existsSync(bin) ? bin : join(version, 'src/main.ts')
}

/**
 * Starts a program, and waits for the address that it prints.
 * @param file within bench/
 * @param preload a module that is loaded first, within bench/
 */
export async function start(
  file: string,
  environment: NodeJS.ProcessEnv = {},
  preload?: string,
): Promise<Server> {
  const began = performance.now()
  const path = (name: string) => resolve(import.meta.dirname, name)
  const child = spawn(
    process.execPath,
    [...(preload === undefined ? [] : ['--import', path(preload)]), path(file)],
    {
      env: { ...process.env, HOST: '127.0.0.1', PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  running.add(child)
  child.once('exit', () => running.delete(child))
  const ended = once(child, 'exit')
  // Other lines may come first, such as that the database is new.
  let printed = ''
  const address = new Promise<string>((resolve) => {
    child.stdout.on('data', (data) => {
      printed += data
      const [, found] = /(http:\/\/\S+)\s/.exec(printed) ?? []
      if (found) resolve(found)
    })
  })
  const origin = await Promise.race([address, ended.then(() => undefined)])
  if (origin === undefined) throw new Error(`${file} did not start`)
  const proc = (name: string) => readFileSync(`/proc/${child.pid}/${name}`, 'utf8')
  return {
    origin,
    startMs: performance.now() - began,
    memory: () => Number(/VmRSS:\s+(\d+) kB/.exec(proc('status'))?.[1]) * 1024,
    processor() {
      // The name of the program comes before, in brackets.
      const [, numbers = ''] = /\) (.*)/.exec(proc('stat')) ?? []
      const [user = 0, system = 0] = numbers.split(' ').slice(11, 13).map(Number)
      return (user + system) * TICK_MS
    },
    written: () => Number(/^write_bytes: (\d+)/m.exec(proc('io'))?.[1]),
    async stop(signal = 'SIGKILL') {
      child.kill(signal)
      await ended
    },
  }
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
