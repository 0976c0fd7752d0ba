// Snippets, each with a button to copy it.

const COPIED_MS = 2000

/**
 * Puts snippets into a list. Rows that the list already has are kept, so that a focused button keeps the focus.
 * @param {HTMLElement} list
 * @param {import('./snippets.js').Snippet[]} snippets
 * @param {(text: string) => void} say lets a screen reader say a text
 */
export function showSnippets(list, snippets, say) {
  if (list.children.length !== snippets.length) {
    list.replaceChildren(...snippets.map(({ name }) => row(name, say)))
  }
  snippets.forEach(({ text, note = '' }, index) => {
    const code = list.children[index]?.querySelector('code')
    const hint = list.children[index]?.querySelector('p')
    if (code && code.textContent !== text) code.textContent = text
    if (hint) {
      hint.textContent = note
      hint.hidden = note === ''
    }
  })
}

/**
 * @param {string} name
 * @param {(text: string) => void} say
 */
function row(name, say) {
  const item = document.createElement('li')
  const title = document.createElement('h4')
  title.textContent = name
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Copy'
  button.setAttribute('aria-label', `Copy: ${name}`)
  const note = document.createElement('p')
  note.className = 'hint'
  const pre = document.createElement('pre')
  const code = document.createElement('code')
  pre.append(code)
  /** @type {ReturnType<typeof setTimeout>} */
  let timer
  button.addEventListener('click', async () => {
    const copied = await copy(code)
    button.textContent = copied ? 'Copied' : 'Press Ctrl+C'
    button.classList.toggle('done', copied)
    say(copied ? `${name} copied` : `${name} is selected. Copy it with the keyboard.`)
    clearTimeout(timer)
    timer = setTimeout(() => {
      button.textContent = 'Copy'
      button.classList.remove('done')
    }, COPIED_MS)
  })
  item.append(title, button, note, pre)
  return item
}

/**
 * @param {HTMLElement} element
 * @returns {Promise<boolean>} whether its text was copied; if not, it is selected
 */
async function copy(element) {
  const selection = getSelection()
  selection?.selectAllChildren(element)
  // On plain HTTP, except on localhost, there is no clipboard object.
  if (!navigator.clipboard) return document.execCommand('copy')
  try {
    await navigator.clipboard.writeText(element.textContent ?? '')
    selection?.removeAllRanges()
    return true
  } catch (error) {
    console.warn('The browser refused the clipboard', error)
    return false
  }
}
