import { compile, element } from '../../src/badge/svg.ts'
import { sanitiseSvg } from '../../src/badge/untrusted/sanitise.ts'

export const XMLNS = 'xmlns="http://www.w3.org/2000/svg"'
export const svg = (inside: string, attributes = '') =>
  `<svg ${XMLNS} viewBox="0 0 24 24" ${attributes}>${inside}</svg>`

/** A stranger's drawing as the sanitiser writes it again. */
export function sanitised(source: string): string {
  const { defs, children } = sanitiseSvg(source, 'p')
  const all = element('g', {}, element('defs', {}, ...defs), ...children)
  return compile(all)
    .pieces.join('')
    .replace(/^<g><defs\/>|^<g>|<\/g>$/g, '')
}

/** A drawing as Inkscape writes it. */
export const INKSCAPE = `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Created with Inkscape (http://www.inkscape.org/) -->
<svg width="24mm" height="24mm" viewBox="0 0 24 24" version="1.1" id="svg5" inkscape:version="1.3.2"
  sodipodi:docname="a.svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
  xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" xmlns:xlink="http://www.w3.org/1999/xlink"
  xmlns="http://www.w3.org/2000/svg" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <sodipodi:namedview id="namedview7" pagecolor="#ffffff"><inkscape:grid type="xygrid"/></sodipodi:namedview>
  <defs id="defs2">
    <linearGradient inkscape:collect="always" id="lg1">
      <stop style="stop-color:#ff0000;stop-opacity:1;" offset="0" id="stop1"/>
      <stop style="stop-color:#0000ff;stop-opacity:0.5" offset="1" id="stop2"/>
    </linearGradient>
    <linearGradient inkscape:collect="always" xlink:href="#lg1" id="lg2" x1="1" y1="2" x2="3" y2="4"
      gradientUnits="userSpaceOnUse"/>
  </defs>
  <metadata><rdf:RDF/></metadata>
  <g inkscape:label="Layer 1" inkscape:groupmode="layer" id="layer1" style="display:inline">
    <path style="fill:url(#lg2);stroke:none;stroke-width:0.264583;stroke-dasharray:none;-inkscape-stroke:none;font-variant-ligatures:normal"
      d="m 1,2 c 3,4 5,6 7,8 z" id="path1" sodipodi:nodetypes="ccc"/>
  </g>
</svg>`

/** A drawing as Illustrator writes it. */
export const ILLUSTRATOR = `<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: Adobe Illustrator 27.0, SVG Export Plug-In . SVG Version: 6.00 Build 0)  -->
<svg version="1.1" id="Layer_1" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" x="0px" y="0px"
	 viewBox="0 0 24 24" style="enable-background:new 0 0 24 24;" xml:space="preserve">
<radialGradient id="SVGID_1_" cx="12" cy="12" r="11.5" gradientTransform="matrix(1 0 0 -1 0 24)" gradientUnits="userSpaceOnUse">
	<stop  offset="0" style="stop-color:#FFF200"/>
</radialGradient>
<circle fill="url(#SVGID_1_)" stroke="#231F20" stroke-miterlimit="10" cx="12" cy="12" r="11.5"/>
</svg>`
