// Snippets with a copy button each.

const SAID_MS = 2000

/**
 * Puts snippets into a list, keeping the rows and their buttons where the list has them already, so that focus stays.
 * @param {HTMLElement} list
 * @param {import('./snippets.js').Snippet[]} snippets
 * @param {(said: string) => void} say tells a screen reader
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
 * @param {(said: string) => void} say
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
    say(copied ? `${name} copied` : `${name} is selected: copy it with your keyboard`)
    clearTimeout(timer)
    timer = setTimeout(() => {
      button.textContent = 'Copy'
      button.classList.remove('done')
    }, SAID_MS)
  })
  item.append(title, button, note, pre)
  return item
}

/**
 * @param {HTMLElement} element
 * @returns {Promise<boolean>} whether its text is on the clipboard; if not, it is selected
 */
async function copy(element) {
  const selection = getSelection()
  selection?.selectAllChildren(element)
  // On plain http, but for localhost, there is no clipboard object.
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
