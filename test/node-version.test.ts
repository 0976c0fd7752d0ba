import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { temporaryFolder } from './harness/app.ts'
import { BARE } from './harness/server.ts'

const ROOT = join(import.meta.dirname, '..')
const BIN = join(ROOT, 'bin/tallymark')

test('an older Node is told in one sentence which one is needed, and a newer one runs the command', (t) => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const pretend = join(temporaryFolder(t), 'pretend.cjs')
  const run = (version: string) => {
    writeFileSync(
      pretend,
      `Object.defineProperty(process.versions, 'node', { value: '${version}' })`,
    )
    return spawnSync(process.execPath, ['--require', pretend, BIN, 'dance'], { env: BARE })
  }
  for (const old of ['14.21.3', '20.20.2', '22.17.1', '23.5.0']) {
    const { status, stdout, stderr } = run(old)
    assert.equal(status, 1, old)
    assert.equal(String(stdout), '')
    assert.match(
      String(stderr),
      new RegExp(`^Tallymark needs Node 22\\.18 or newer, and this is Node ${old}\\. .*\n$`),
    )
    assert.equal(engines.node, '>=22.18', 'as package.json says')
  }
  for (const young of ['22.18.0', '23.6.0', '24.0.0', '100.0.0']) {
    assert.match(String(run(young).stderr), /^Unknown command 'dance'/, young)
  }
})

test('npm scripts and the image start what checks the version', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  for (const name of ['start', 'import', 'prune', 'migrate-to-postgres', 'sign-in', 'key', 'rule'])
    assert.match(scripts[name], /^node bin\/tallymark\b/)
  assert.match(
    readFileSync(join(ROOT, 'Dockerfile'), 'utf8'),
    /^CMD \["node", "bin\/tallymark"\]$/m,
  )
})
