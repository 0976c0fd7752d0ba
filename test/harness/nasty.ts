import fc from 'fast-check'

export const SCRIPT = '--><script>alert(1)</script>'
/** Values that attackers send. */
export const NASTY = [
  SCRIPT,
  `"'><img src=x onerror=alert(1)>`,
  ']]><svg onload="alert(1)">',
  '<?xml-stylesheet href="x"?>',
  '<!DOCTYPE svg [<!ENTITY a "b">]>&a;',
  '&lt;script&gt;&#60;',
  '{count}{label}{{7*7}}',
  "'; drop table page; --",
  'javascript:alert(1)',
  'data:image/svg+xml,<svg/>',
  '\u0000',
  '\ud800',
  '\u202eevil\u202c',
  'é'.repeat(40),
  '👍🏽🇩🇪',
  'x'.repeat(10_240),
]

/** Any code point, halves of surrogate pairs too. fast-check's own unit lists all of them first, which takes 1.5 s. */
export const anyCharacter = fc.nat({ max: 0x10ffff }).map((code) => String.fromCodePoint(code))

const inPath = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(..."azAZ09-._~!$&'()*+,;=:@/") },
  {
    weight: 1,
    arbitrary: anyCharacter.filter((each) => each.isWellFormed()).map(encodeURIComponent),
  },
)
const characters = fc.string({ unit: inPath })
/** Paths and addresses by RFC 3986. fast-check's own are slow to begin for the same reason. */
export const webPath = fc.oneof(
  fc.constant(''),
  characters.map((path) => `/${path}`),
)
export const webAddress = fc
  .tuple(fc.constantFrom('http', 'https'), fc.webAuthority(), webPath, fc.option(characters))
  .map(([scheme, host, path, query]) => `${scheme}://${host}${path}${query ? `?${query}` : ''}`)
