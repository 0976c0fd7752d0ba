// Copies text, and says so on the button.

const COPIED_MS = 2000
/** @type {WeakMap<HTMLElement, ReturnType<typeof setTimeout>>} */
const timers = new WeakMap()

/**
 * Copies a text.
 * @param {string} text
 * @param {HTMLButtonElement} button shows for a while what happened
 * @param {HTMLElement} [element] shows the text; if the browser does not allow to copy, a key can copy it from there
 * @returns {Promise<boolean>} whether it was copied
 */
export async function copyToClipboard(text, button, element) {
  const copied = await copy(text, element)
  button.textContent = copied ? 'Copied' : element ? 'Press Ctrl+C' : 'Not copied'
  clearTimeout(timers.get(button))
  timers.set(
    button,
    setTimeout(() => {
      button.textContent = 'Copy'
    }, COPIED_MS),
  )
  return copied
}

/**
 * @param {string} text
 * @param {HTMLElement | undefined} element
 */
async function copy(text, element) {
  try {
    // On plain HTTP, except on localhost, there is no clipboard object.
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text)
      return true
    }
  } catch (error) {
    console.warn('The browser refused the clipboard', error)
  }
  if (!element) return false
  if (element instanceof HTMLTextAreaElement) element.select()
  else getSelection()?.selectAllChildren(element)
  return !navigator.clipboard && document.execCommand('copy')
}
