// The scripts on the home page, written when their fold opens.
import { copyToClipboard } from './copy.js'
import { base, byId, instance, say } from './page.js'
import { scripts } from './scripts.js'

/** @param {{name: string, text: string}} script */
function row({ name, text }) {
  const item = document.createElement('li')
  const title = document.createElement('h3')
  title.textContent = name
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Copy'
  button.setAttribute('aria-label', `Copy: ${name}`)
  const pre = document.createElement('pre')
  const code = document.createElement('code')
  code.textContent = text
  pre.append(code)
  button.addEventListener('click', async () => {
    const copied = await copyToClipboard(text, button, code)
    say(copied ? `${name} copied` : `${name} is selected. Copy it with the keyboard.`)
  })
  item.append(title, button, pre)
  return item
}

byId('scripts', HTMLElement).replaceChildren(...scripts(base, instance.keepQuery).map(row))
