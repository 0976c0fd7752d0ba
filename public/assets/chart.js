// Lets people read a chart bar by bar: with the pointer, and with the arrow keys.

/**
 * @param {HTMLElement} chart
 * @param {HTMLElement} reading shows the bar that is read
 * @returns {{update: (hits: readonly number[]) => void}}
 */
export function readable(chart, reading) {
  const bars = [...chart.querySelectorAll('.plot g')]
  const plot = chart.querySelector('.plot')
  const names = bars.map((bar) => {
    const title = bar.querySelector('title')
    const [, name = ''] = /^(.*): /.exec(title?.textContent ?? '') ?? []
    return name
  })
  const texts = bars.map((bar) => {
    const title = bar.querySelector('title')
    const text = title?.textContent ?? ''
    // It would cover the chart, a second after the text beside it.
    title?.remove()
    return text
  })
  let at = -1

  /** @param {number} index of a bar; -1 for none */
  function read(index) {
    bars[at]?.classList.remove('at')
    at = index
    bars[at]?.classList.add('at')
    reading.textContent = texts[at] ?? ''
    // A screen reader says the text of a slider when that changes.
    chart.setAttribute('aria-valuenow', String(Math.max(0, at)))
    chart.setAttribute('aria-valuetext', texts[at] ?? 'Arrow keys read the bars')
  }

  if (bars.length > 0) {
    chart.tabIndex = 0
    chart.setAttribute('role', 'slider')
    chart.setAttribute('aria-valuemin', '0')
    chart.setAttribute('aria-valuemax', String(bars.length - 1))
    chart.setAttribute('aria-orientation', 'horizontal')
    read(-1)
  }

  chart.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const last = bars.length - 1
    const next = new Map([
      ['ArrowLeft', at < 0 ? last : Math.max(0, at - 1)],
      ['ArrowDown', at < 0 ? last : Math.max(0, at - 1)],
      ['ArrowRight', at < 0 ? 0 : Math.min(last, at + 1)],
      ['ArrowUp', at < 0 ? 0 : Math.min(last, at + 1)],
      ['Home', 0],
      ['End', last],
      ['Escape', -1],
    ]).get(event.key)
    if (next === undefined) return
    event.preventDefault()
    read(next)
  })
  chart.addEventListener('pointermove', ({ clientX }) => {
    if (!plot) return
    const { left, width } = plot.getBoundingClientRect()
    const index = Math.floor(((clientX - left) / width) * bars.length)
    read(Math.min(bars.length - 1, Math.max(0, index)))
  })
  chart.addEventListener('pointerleave', () => read(-1))
  chart.addEventListener('blur', () => read(-1))

  return {
    update(hits) {
      if (!(plot instanceof SVGElement) || hits.length !== bars.length) return
      const [top, base, full] = [plot.dataset.top, plot.dataset.base, plot.dataset.full].map(Number)
      hits.forEach((count, index) => {
        texts[index] =
          `${names[index]}: ${count.toLocaleString('en')} ${count === 1 ? 'hit' : 'hits'}`
        const bar = bars[index]?.querySelector('.hits')
        // A new bar, or one that does not fit, is drawn when the page is opened again.
        if (!bar || !top || !base || !full) return
        const height = Math.min(full, Math.max(2, (count / top) * full))
        bar.setAttribute('height', String(height))
        bar.setAttribute('y', String(base - height))
      })
    },
  }
}
