import assert from 'node:assert/strict'
import test from 'node:test'
import { sanitiseSvg } from '../../src/badge/untrusted/sanitise.ts'
import { SvgProblem } from '../../src/badge/untrusted/svg-values.ts'
import { ILLUSTRATOR, INKSCAPE, sanitised, svg, XMLNS } from '../harness/drawings.ts'

test('drawings stay as they are', () => {
  const same = [
    '<path d="M0 0h24v24z" fill="#c0ffee"/>',
    '<g transform="translate(1 2) scale(.5)"><rect x="1" y="2" width="3" height="50%" rx="1"/></g>',
    '<circle cx="1" cy="1e1" r="2px" fill="none" stroke="red" stroke-width="2"/>',
    '<polygon points="0,0 1,1 -2.5,+3"/><line x1="0" x2="1" y1="0" y2="1" opacity=".5"/>',
    '<path d="M1.5.5a1 1 0 01.5.5L1-1Z" fill="rgb(1, 2, 3)" fill-rule="evenodd"/>',
    '<svg x="1" width="4" height="4" viewBox="0 0 8 8" preserveAspectRatio="xMidYMid meet"/>',
    '<ellipse rx="1" ry="2" visibility="hidden"/><polyline points="" display="none"/>',
  ]
  for (const markup of same) assert.equal(sanitised(svg(markup)), markup)
})

test('what draws nothing is left out', () => {
  const left: [string, string][] = [
    ['<title>a</title><desc>b</desc><metadata><script/><image href="http://x"/></metadata>', ''],
    ['<!-- a --><?xml-stylesheet href="http://x"?>text<![CDATA[<script>alert(1)</script>]]>', ''],
    ['<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>', ''],
    ['<script xmlns="">alert(1)</script>', ''],
    ['<g onload="alert(1)" class="c" id="a" data-a="1" aria-label="a"/>', '<g/>'],
    ['<g xmlns:e="http://www.w3.org/2001/xml-events" e:onload="a" xml:base="http://x"/>', '<g/>'],
    ['<g xmlns:x="http://www.w3.org/1999/xlink" x:href="http://x" href="javascript:a"/>', '<g/>'],
    ['<x:path xmlns:x="http://www.w3.org/2000/svg" x:onclick="a" d="M0 0"/>', '<path d="M0 0"/>'],
    [
      '<path style="behavior:url(http://x);-moz-binding:url(x);f\\69ll:red;fill:red"/>',
      '<path fill="red"/>',
    ],
    ['<path style="@import url(http://x);:;;x" fill="RED"/>', '<path fill="red"/>'],
    ['<path fill="currentColor"/>', '<path fill="#000"/>'],
    ['<path fill="blue" style="fill : red; font-family:x"/>', '<path fill="red"/>'],
    ['<defs><path d="M0 0"/><linearGradient id="a"/></defs>', ''],
  ]
  for (const [source, rest] of left) assert.equal(sanitised(svg(source)), rest, source)
})

test('what would draw or act otherwise is refused, by name', () => {
  const refused: [string, RegExp][] = [
    ...'script foreignObject image use style text animate set a switch symbol filter mask pattern marker view cursor Path SVG'
      .split(' ')
      .map((name): [string, RegExp] => [`<${name}/>`, new RegExp(`it has a <${name}>`)]),
    ['<x:script xmlns:x="http://www.w3.org/2000/svg"/>', /it has a <script>/],
    ['<g><g><animateTransform/></g></g>', /it has a <animateTransform>/],
    ['<path fill="url(http://x)"/>', /fill="url\(http/],
    ['<path fill="url(//x#a)"/>', /fill=/],
    ['<path fill="url(data:image/svg+xml,a#a)"/>', /fill=/],
    ['<path fill="u\\72l(http://x)"/>', /fill=/],
    ['<path fill="url(#a) url(http://x)"/>', /fill=/],
    ['<path fill="url(#a\\29 )"/>', /fill=/],
    ['<path fill="&#x75;rl(http://x)"/>', /fill=/],
    ['<path style="fill:url(http://x)"/>', /fill=/],
    ['<path style="fill:/**/red"/>', /fill=/],
    ['<path style="fill:red!important"/>', /fill=/],
    ['<path style="fill:expression(alert(1))"/>', /fill=/],
    ['<path fill="javascript:alert(1)"/>', /fill=/],
    ['<path fill="constructor"/>', /fill=/],
    ['<path fill="brightgreen"/>', /fill=/],
    ['<path fill="rgb(1,&#xa0;2,3)"/>', /fill=/],
    ['<path d="M0 0&#x2003;1"/>', /d=/],
    ['<path d="M0 0 &quot;/>&lt;script>"/>', /d=/],
    ['<path d="M1e9 0"/>', /d=/],
    ['<path d="M1e999 0"/>', /d=/],
    ['<path d="MNaN 0"/>', /d=/],
    ['<path d="M0 0X"/>', /d=/],
    ['<rect width="Infinity"/>', /width=/],
    ['<rect width="calc(1px)"/>', /width=/],
    ['<rect width="99999999"/>', /width=/],
    ['<g transform="url(#a)"/>', /transform=/],
    ['<g transform="scale(1e7)"/>', /transform=/],
    ['<rect x="240001"/>', /x=/],
    ['<path d="M0 0h-240001"/>', /d=/],
    ['<polygon points="0 0 1 240001"/>', /points=/],
    ['<path stroke-width="2401"/>', /stroke-width=/],
    ['<path style="stroke-width:2401px"/>', /stroke-width=/],
    ['<g transform="perspective(1)"/>', /transform=/],
    ['<g filter="url(#a)"/>', /filter=/],
    ['<g style="mask:url(http://x#a)"/>', /mask=/],
    ['<path stroke-dasharray=".0001"/>', /stroke-dasharray=/],
    ['<path fill="url(#a)"/>', /refers to a gradient a that is not there/],
    ['<path id="a" fill="url(#a)"/>', /gradient a that is not there/],
    ['<clipPath id="a"/><path fill="url(#a)"/>', /gradient a that is not there/],
    ['<linearGradient id="a"/><path clip-path="url(#a)"/>', /clip path a that is not there/],
    ['<clipPath id="a" clip-path="url(#a)"/><g clip-path="url(#a)"/>', /is clipped itself/],
    [
      '<clipPath id="a"><g clip-path="url(#a)"/></clipPath><g clip-path="url(#a)"/>',
      /clipped itself/,
    ],
    ['<linearGradient id="a"/><clipPath id="a"/>', /the id a is there twice/],
    ['<linearGradient id="a" href="http://x#a"/><g fill="url(#a)"/>', /refers to http:/],
    ['<linearGradient id="a" href="#b"/><g fill="url(#a)"/>', /refers to #b, which is no gradient/],
    ['<clipPath id="b"/><linearGradient id="a" href="#b"/><g fill="url(#a)"/>', /no gradient/],
    ['<linearGradient id="a" href="#a"/><g fill="url(#a)"/>', /in a circle/],
    [
      '<linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/><g fill="url(#a)"/>',
      /in a circle/,
    ],
    ['<g>'.repeat(32) + '</g>'.repeat(32), /nested more than 32 deep/],
    ['<b xmlns="">'.repeat(5000) + '</b>'.repeat(5000), /nested more than 32 deep/],
    ['<g/>'.repeat(500), /more than 500 elements/],
    ['<b xmlns=""/>'.repeat(500), /more than 500 elements/],
    ['<path d="M0 0" d="M0 0"/>', /not well-formed/],
    ['<path onload=alert(1)/>', /not well-formed/],
    ['<g>', /not well-formed/],
    ['<o:g/>', /not well-formed/],
    ['<path d="&a;"/>', /not well-formed/],
    ['<path d="&constructor;"/>', /not well-formed/],
    ['</svg><script/>', /not well-formed/],
    ['\0', /not well-formed/],
  ]
  for (const [source, sentence] of refused) {
    assert.throws(
      () => sanitised(svg(source)),
      (error) => error instanceof SvgProblem && sentence.test(error.message),
      source,
    )
  }
})

test('what is no SVG is refused', () => {
  const bomb = `<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg ${XMLNS}>&b;</svg>`
  const refused: [string, RegExp][] = [
    ['', /not well-formed/],
    ['text', /not well-formed/],
    ['<svg viewBox="0 0 1 1"/>', /no <svg> in the namespace/],
    [`<g ${XMLNS}/>`, /no <svg> in the namespace/],
    [`<script ${XMLNS}/>`, /it has a <script>/],
    [`<html xmlns="http://www.w3.org/1999/xhtml"/>`, /no <svg> in the namespace/],
    [bomb, /has a DOCTYPE/],
    [`<!DOCTYPE svg SYSTEM "http://x/a.dtd"><svg ${XMLNS}/>`, /has a DOCTYPE/],
    [`<svg ${XMLNS}/>`, /no viewBox/],
    [`<svg ${XMLNS} width="10mm" height="10mm"/>`, /no viewBox/],
    [`<svg ${XMLNS} viewBox="0 0 0 10"/>`, /no viewBox/],
    [`<svg ${XMLNS} viewBox="0 0 10"/>`, /no viewBox/],
    [`<svg ${XMLNS} viewBox="NaN 0 10 10"/>`, /no viewBox/],
    [`<svg ${XMLNS} viewBox="0 0 1e7 10"/>`, /no viewBox/],
  ]
  for (const [source, sentence] of refused) {
    assert.throws(
      () => sanitiseSvg(source, 'p'),
      (error) => error instanceof SvgProblem && sentence.test(error.message),
      source,
    )
  }
})

test('a drawing may stand far away, as editors put it there, and be moved back', () => {
  const inside = '<g transform="translate(-240000)"><path d="M240000 0h9" stroke-width="2400"/></g>'
  assert.equal(sanitised(svg(inside)), inside)
})

test('the view box is the one given, or else the size', () => {
  const boxes: [string, number[]][] = [
    ['viewBox="-1 -2.5,30 4e1" width="5"', [-1, -2.5, 30, 40]],
    ['width="12px" height="24"', [0, 0, 12, 24]],
  ]
  for (const [attributes, box] of boxes) {
    assert.deepEqual(sanitiseSvg(`<svg ${XMLNS} ${attributes}/>`, 'p').viewBox, box)
  }
})

test('the paint of the root goes to all that is in it', () => {
  const drawn = sanitised(svg('<path/>', 'x="1" width="5" fill="none" style="stroke:red"'))
  assert.equal(drawn, '<g fill="none" stroke="red"><path/></g>')
})

test('gradients and clip paths get ids of their own, and those that nothing refers to are left out', () => {
  const drawn = sanitised(
    svg(
      '<defs><linearGradient id="a b"/><radialGradient id="&lt;&quot;"><stop offset="1" stop-color="#fff"/></radialGradient></defs>' +
        `<clipPath id="c:1"><rect width="1"/></clipPath><linearGradient id="n"/>` +
        '<path fill="url(#d)" clip-path="url(&quot;#c:1&quot;)"/>' +
        '<linearGradient id="d" fill="url(#d)" x1="1"/><path fill="url(#d)"/>',
    ),
  )
  assert.equal(
    drawn,
    '<defs><linearGradient id="p0" x1="1"/><clipPath id="p1"><rect width="1"/></clipPath></defs>' +
      '<path fill="url(#p0)" clip-path="url(#p1)"/><path fill="url(#p0)"/>',
  )
})

test('gradients that share stops cannot multiply them', () => {
  const stops = '<stop/>'.repeat(100)
  const heirs = Array.from(
    { length: 50 },
    (_, n) => `<linearGradient id="g${n}" href="#s"/><g fill="url(#g${n})"/>`,
  )
  assert.throws(
    () => sanitised(svg(`<linearGradient id="s">${stops}</linearGradient>${heirs.join('')}`)),
    /comes to more than 500 elements/,
  )
})

test('what editors write is understood', () => {
  assert.equal(
    sanitised(INKSCAPE),
    '<defs><linearGradient id="p0" x1="1" y1="2" x2="3" y2="4" gradientUnits="userSpaceOnUse">' +
      '<stop offset="0" stop-color="#ff0000" stop-opacity="1"/><stop offset="1" stop-color="#0000ff" stop-opacity="0.5"/>' +
      '</linearGradient></defs><g display="inline">' +
      '<path d="m 1,2 c 3,4 5,6 7,8 z" fill="url(#p0)" stroke="none" stroke-width="0.264583" stroke-dasharray="none"/></g>',
  )
  assert.equal(
    sanitised(ILLUSTRATOR),
    '<defs><radialGradient id="p0" cx="12" cy="12" r="11.5" gradientTransform="matrix(1 0 0 -1 0 24)" gradientUnits="userSpaceOnUse">' +
      '<stop offset="0" stop-color="#fff200"/></radialGradient></defs>' +
      '<circle fill="url(#p0)" stroke="#231F20" stroke-miterlimit="10" cx="12" cy="12" r="11.5"/>'.replace(
        '#231F20',
        '#231f20',
      ),
  )
})
