// What makes the pages of the administration nicer. Without it, everything works as well.
import { copyToClipboard } from './copy.js'

/** Adds a box that chooses all rows of a table. */
function addChooser(/** @type {HTMLTableElement} */ table) {
  const boxes = [...table.querySelectorAll('input[type=checkbox]')].filter(
    (box) => box instanceof HTMLInputElement,
  )
  if (boxes.length < 2) return
  const label = document.createElement('label')
  const all = document.createElement('input')
  all.type = 'checkbox'
  label.className = 'all'
  const said = document.createElement('span')
  said.className = 'hint'
  said.setAttribute('role', 'status')
  table.closest('form')?.querySelector('.bar')?.prepend(said)
  label.append(all, 'Choose all')
  table.before(label)
  const update = () => {
    const chosen = boxes.filter(({ checked }) => checked).length
    all.checked = chosen === boxes.length
    all.indeterminate = chosen > 0 && chosen < boxes.length
    said.textContent = chosen === 0 ? '' : `${chosen} chosen`
  }
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked
    update()
  })
  for (const box of boxes) box.addEventListener('change', update)
  update()
}

for (const table of document.querySelectorAll('table')) addChooser(table)

for (const button of document.querySelectorAll('[data-copy]')) {
  if (!(button instanceof HTMLButtonElement)) continue
  button.addEventListener('click', () => {
    const shown = document.getElementById(button.dataset.copy ?? '')
    if (shown) copyToClipboard(shown.textContent ?? '', button, shown)
  })
}
