import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { Client } from 'pg'
import { QUERIES as POSTGRES } from '../../src/database/postgres/queries.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { COPY_QUERIES } from '../../src/database/sqlite/admin/copy-queries.ts'
import { LIST_QUERIES, LISTS, MAKE_WAITING } from '../../src/database/sqlite/admin/list-queries.ts'
import { ADMIN_QUERIES } from '../../src/database/sqlite/admin/queries.ts'
import { LIST_ROWS } from '../../src/database/sqlite/list-rows.ts'
import { openDatabase } from '../../src/database/sqlite/open.ts'
import { QUERIES as SQLITE } from '../../src/database/sqlite/queries.ts'
import { temporaryFolder } from '../harness/app.ts'
import { engines } from '../harness/engines.ts'
import { makeDatabase } from '../harness/postgres.ts'

test('sqlite: every statement fits the tables', async (t) => {
  const driver = await openDatabase(join(temporaryFolder(t), 'data.db'))
  t.after(() => driver.close())
  driver.exec(MAKE_WAITING)
  const statements = {
    ...{ ...SQLITE, ...ADMIN_QUERIES, ...COPY_QUERIES },
    ...{ ...LIST_QUERIES, ...LISTS, ...LIST_ROWS },
  }
  for (const [name, sql] of Object.entries(statements))
    assert.doesNotThrow(() => driver.prepare(sql), name)
})

test('postgres: every statement fits the tables', {
  skip: !engines().includes('postgres'),
}, async (t) => {
  const url = await makeDatabase(t)
  await (await openPostgresStore(url)).close()
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    for (const [name, sql] of Object.entries(POSTGRES))
      await assert.doesNotReject(client.query(`prepare "${name}" as ${sql}`), name)
  } finally {
    await client.end()
  }
})
