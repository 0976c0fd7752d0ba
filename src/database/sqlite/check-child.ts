// A program that searches a database for damage. `condition.ts` runs it, and can end it at any time.
import Database from 'better-sqlite3'

const driver = new Database(process.argv[2], { readonly: true, fileMustExist: true })
process.stdout.write(String(driver.pragma('quick_check(1)', { simple: true })))
