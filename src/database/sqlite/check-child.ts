// Run as a process of its own, which can be ended while SQLite checks a file: `quick-check.ts` starts it.
import Database from 'better-sqlite3'

const driver = new Database(process.argv[2], { readonly: true, fileMustExist: true })
process.stdout.write(String(driver.pragma('quick_check(1)', { simple: true })))
