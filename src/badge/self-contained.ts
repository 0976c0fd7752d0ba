import { SaxesParser } from 'saxes'

/**
 * Makes sure that a drawing asks for nothing outside of itself. resvg reads a file that the `href` of an image names
 * by its path, and there is no option against it.
 * @throws Error where it does ask, or is not well-formed XML
 */
export function checkSelfContained(svg: string): void {
  const parser = new SaxesParser()
  parser.on('opentag', ({ name, attributes }) => {
    // A link is not followed, and a prefix may be any.
    if (localName(name) === 'a') return
    for (const [key, value] of Object.entries(attributes)) {
      if (localName(key) === 'href' && !isInside(value)) {
        throw new Error(`the drawing asks for ${JSON.stringify(value.slice(0, 100))}`)
      }
    }
  })
  // Without a listener for errors, saxes throws them.
  parser.write(svg).close()
}

const localName = (name: string) => name.slice(name.indexOf(':') + 1)

/** An element of the same drawing, or an image written out. */
const isInside = (href: string) =>
  href.startsWith('#') || /^data:image\/[a-z+]+;base64,[\w+/=\s]*$/.test(href)
