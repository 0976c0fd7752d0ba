import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import test from 'node:test'
import { Client } from 'pg'
import { makeDatabase, run } from '../harness/postgres.ts'
import { BARE, MAIN, runMain } from '../harness/server.ts'
import { until } from '../harness/until.ts'

/** The address of a database, for a user with a limit on connections. */
async function limited(url: string, user: string, connections: number): Promise<string> {
  await run(url, `create role ${user} login password 'secret' connection limit ${connections}`)
  await run(url, `grant all on schema public to ${user}`)
  await run(url, `grant all on all tables in schema public to ${user}`)
  const address = new URL(url)
  address.username = user
  return address.href
}

test('a start as a user with too few connections fails with that reason', async (t) => {
  const url = await makeDatabase(t)
  for (const most of [2, 6]) {
    const user = `few_${most}_${process.pid}`
    const address = await limited(url, user, most)
    const { code, errors } = await runMain({ DATABASE_URL: address }, [])
    assert.equal(code, 1, errors)
    assert.match(
      errors,
      /^Tallymark cannot use its database \S+: too many connections for role .*; a service needs 7 connections: raise the limit .*\.\n$/,
    )
    await run(url, `drop owned by ${user}; drop role ${user}`)
  }
})

test('a database of a newer version is reported as such, and does not change', async (t) => {
  const url = await makeDatabase(t)
  await run(url, "insert into kysely_migration values ('9999_future', '2030-01-01')")
  const { code, errors } = await runMain({ DATABASE_URL: url }, [])
  assert.equal(code, 1)
  assert.match(
    errors,
    /: a newer version of Tallymark has written it; run that version again, .*\n$/,
  )
})

test('a start whose first write fails names the reason', async (t) => {
  const url = await makeDatabase(t)
  await run(url, 'alter table token rename column ends_at to ended')
  const { code, errors } = await runMain({ DATABASE_URL: url, WINDOW_SECONDS: '0' }, [])
  assert.equal(code, 1)
  assert.match(
    errors,
    /^Tallymark cannot use its database \S+: column .*ends_at.* does not exist; .*\n$/,
  )
})

test('a database that does not exist is said, and no password', async (t) => {
  const url = (await makeDatabase(t)).replace(/\/t\w+$/, '/nowhere')
  const { code, output, errors } = await runMain({ DATABASE_URL: url, LOG_LEVEL: 'trace' }, [])
  assert.equal(code, 1)
  assert.match(
    errors,
    /^Tallymark cannot use its database postgres:\/\/127.0.0.1:\d+\/nowhere: .*does not exist/,
  )
  assert.ok(!`${output}${errors}`.includes('secret'), 'the password')
})

test('a missing password is said in one line', async (t) => {
  // A server that asks for a password by SCRAM, as PostgreSQL does by default. Those of the tests do not.
  const messages = [
    [10, 'SCRAM-SHA-256\0\0'],
    [11, 'r=nonce,s=c2FsdA==,i=4096'],
  ] as const
  const server = createServer((socket) => {
    const waiting = messages.map(([kind, text]) => {
      const head = Buffer.alloc(9, 'R')
      head.writeInt32BE(8 + text.length, 1)
      head.writeInt32BE(kind, 5)
      return Buffer.concat([head, Buffer.from(text)])
    })
    socket.on('data', () => socket.write(waiting.shift() ?? ''))
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const name = `postgres://127\\.0\\.0\\.1:${port}/hits`
  const reason = `${name}: its server asks for a password; write it into DATABASE_URL\\.\n$`
  for (const [words, says] of [
    [[], `^Tallymark cannot use its database ${reason}`],
    [['prune'], `^Cannot prune ${reason}`],
  ] as const) {
    const env = { DATABASE_URL: `postgres://someone@127.0.0.1:${port}/hits` }
    const { code, errors } = await runMain(env, [...words])
    assert.equal(code, 1)
    assert.match(errors, new RegExp(says))
  }
})

test('a start that waits for another one’s migration says so without a password, and can be stopped', async (t) => {
  const url = await makeDatabase(t)
  const holder = new Client({ connectionString: url })
  holder.on('error', () => {})
  await holder.connect()
  t.after(() => holder.end())
  await holder.query('begin; select id from migration_lock for update')
  const child = spawn(process.execPath, [MAIN], {
    env: { ...BARE, PORT: '0', DATABASE_URL: url, LOG_LEVEL: 'trace' },
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const ended = once(child, 'exit')
  await until(() => /Tallymark waits for its database/.test(output) || child.exitCode !== null)
  const told = performance.now()
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
  assert.ok(performance.now() - told < 1000)
  assert.ok(!output.includes('secret'), 'the password')
})
