// Loaded into the server before its own code: every sync of the disk takes SLOW_SYNC_MS longer. A commit syncs once, a
// checkpoint of the log twice. The thread that commits sleeps, as it would in the system call.
import Database from 'better-sqlite3'

const delay = Number(process.env.SLOW_SYNC_MS)
const cell = new Int32Array(new SharedArrayBuffer(4))
const syncs = (sql: string) => (/^commit/i.test(sql) ? 1 : /wal_checkpoint/i.test(sql) ? 2 : 0)

const driver = new Database(':memory:')
const statement = Object.getPrototypeOf(driver.prepare('select 1'))
driver.close()
for (const method of ['run', 'get', 'all'] as const) {
  const original = statement[method]
  statement[method] = function (this: Database.Statement, ...parameters: unknown[]) {
    const result = original.apply(this, parameters)
    const times = syncs(this.source)
    if (times > 0) Atomics.wait(cell, 0, 0, delay * times)
    return result
  }
}
