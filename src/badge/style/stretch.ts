import type { Element } from '../svg.ts'

/** All elements of a name below an element, in order. */
export function all(root: Element, name: string): Element[] {
  return root.children.flatMap((child) =>
    typeof child !== 'object' ? [] : [...(child.name === name ? [child] : []), ...all(child, name)],
  )
}

/**
 * Makes room in badge-maker's drawing: what begins at `at` or after it moves to the right, what spans it grows.
 * @param at px from the left
 * @param by px
 */
export function stretch(root: Element, at: number, by: number): void {
  const move = (element: Element, name: string, from: number, amount: number) => {
    const before = Number(element.attributes[name] ?? 0)
    if (before >= from) element.attributes[name] = tidy(before + amount)
    return before
  }
  move(root, 'width', 0, by)
  for (const rect of all(root, 'rect')) {
    const x = move(rect, 'x', at, by)
    const width = Number(rect.attributes.width)
    if (x < at && x + width > at) rect.attributes.width = tidy(width + by)
  }
  // Texts are drawn ten times as large, and made smaller again.
  for (const text of all(root, 'text')) move(text, 'x', at * 10, by * 10)
  for (const path of all(root, 'path')) {
    const [, x = '', rest = ''] = /^M([\d.]+)(.*)$/.exec(String(path.attributes.d)) ?? []
    if (Number(x) >= at) path.attributes.d = `M${tidy(Number(x) + by)}${rest}`
  }
}

/** Without the traces of binary fractions. */
function tidy(length: number): number {
  return Number(length.toFixed(3))
}
