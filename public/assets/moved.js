// A number that has changed stands out for a moment.

/**
 * @param {Element} element
 * @param {number} value
 * @returns {boolean} whether it showed another number before
 */
export function showMoved(element, value) {
  const text = value.toLocaleString('en')
  if (element.textContent === text) return false
  element.textContent = text
  element.classList.remove('moved')
  // Without this, the browser would not begin the animation again.
  element.getBoundingClientRect()
  element.classList.add('moved')
  return true
}
