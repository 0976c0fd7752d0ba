// Merges all pages of a database file into one, in a process that a test can kill. Prints a line before, and one after.
import { openSqliteStore } from '../../src/database/sqlite.ts'
import type { PageKey } from '../../src/page.ts'

const [file = '', pages = ''] = process.argv.slice(2)
const store = await openSqliteStore(file)
const changes = Array.from({ length: Number(pages) }, (_, at) => ({
  ...{ action: 'merge', page: `old.example/${at}` as PageKey, into: 'new.example' as PageKey },
})) as Parameters<typeof store.admin.change>[0]
process.stdout.write('begin\n')
await store.admin.change(changes, { actor: 'test', reason: '', at: 0 })
process.stdout.write('end\n')
await store.close()
