import assert from 'node:assert/strict'
import test from 'node:test'
import { decide, explain, type Facts, OUTCOMES, type Outcome } from '../src/visit.ts'

const NOTHING: Facts = { readOnly: false, excluded: null, bot: false, live: false, limited: false }

/** The facts that alone lead to each outcome. */
const MAKES: Record<Outcome, Partial<Facts>> = {
  read: { readOnly: true },
  excluded: { excluded: 'address' },
  bot: { bot: true },
  repeat: { live: true },
  limited: { limited: true },
  counted: {},
}
const ORDER: Outcome[] = ['read', 'excluded', 'bot', 'repeat', 'limited', 'counted']

test('outcomes are listed in the order of their tests', () =>
  assert.deepEqual([...OUTCOMES], ORDER))

for (const [at, first] of ORDER.entries()) {
  for (const second of ORDER.slice(at)) {
    test(`if ${first} and ${second} both apply, the outcome is ${first}`, () => {
      assert.equal(decide({ ...NOTHING, ...MAKES[first], ...MAKES[second] }), first)
    })
  }
}

test('for any facts, the outcome is the first that applies', () => {
  for (let bits = 0; bits < 2 ** (ORDER.length - 1); bits++) {
    const fitting = ORDER.filter((_, at) => at === ORDER.length - 1 || bits & (1 << at))
    const facts = Object.assign({}, NOTHING, ...fitting.map((outcome) => MAKES[outcome]))
    assert.equal(decide(facts), fitting[0])
  }
})

const now = 1_800_000_000_000
const sentences: [string, Partial<Parameters<typeof explain>[0]> & { outcome: Outcome }][] = [
  ['Counted.', { outcome: 'counted' }],
  ['Not counted: this request only reads the number.', { outcome: 'read' }],
  ['Not counted: this user agent is taken for a robot.', { outcome: 'bot' }],
  [
    "Not counted: this browser's last visit is 40 s old; visits count again after 300 s.",
    { outcome: 'repeat', blockedUntil: now + 260_000 },
  ],
  [
    "Not counted: this browser's last visit is 0 s old; visits count again after 300 s.",
    { outcome: 'repeat', blockedUntil: now + 9_000_000 },
  ],
  [
    'Not counted: this address has as many live visits as one may have here; the first of them ends in 12 s.',
    { outcome: 'limited', blockedUntil: now + 12_999 },
  ],
  [
    'Not counted: this browser asked not to be counted, on the page /me of this counter.',
    { outcome: 'excluded', excluded: 'browser' },
  ],
  [
    'Not counted: this counter does not count visits from this address.',
    { outcome: 'excluded', excluded: 'address' },
  ],
  [
    'Not counted: this counter does not count visits of this user agent.',
    { outcome: 'excluded', excluded: 'agent' },
  ],
  [
    'Not counted: this counter shows the number of this page, but does not count its visits.',
    { outcome: 'excluded', excluded: 'page' },
  ],
]
for (const [sentence, decision] of sentences) {
  test(sentence, () => {
    const whole = { excluded: null, blockedUntil: null, now, windowMs: 300_000, ...decision }
    assert.equal(explain(whole), sentence)
  })
}
