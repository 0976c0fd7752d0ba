// Scripts that people paste: the number in a page of their own.

/**
 * Scripts for a page of any site. They use `/count.json`, because ad blockers hide `.com/count?`. They do not send the parts of
 * the page's address that the instance drops: fragments and queries may hold secrets.
 * @param {string} base
 * @param {readonly string[]} keepQuery the parameters that tell pages apart
 * @returns {{name: string, text: string}[]}
 */
export function scripts(base, keepQuery) {
  return [
    {
      name: 'Count this page and show the number',
      text: `fetch('${base}/count.json?url=' + encodeURIComponent(${addressOfPage(keepQuery)}), { credentials: 'include' })
  .then((response) => (response.ok ? response.json() : { count: '' }))
  .then(({ count }) => { document.querySelector('#hits').textContent = count })`,
    },
    {
      name: 'Only read the number',
      text: `fetch('${base}/nocount.json?url=' + encodeURIComponent('https://example.com/'))
  .then((response) => response.json())
  .then(({ count }) => console.log(count))`,
    },
  ]
}

/** @param {readonly string[]} keepQuery */
function addressOfPage(keepQuery) {
  const address = 'location.origin + location.pathname'
  if (keepQuery.length === 0) return address
  // In the script, names are strings in quotes, and none can close the script element.
  const names = JSON.stringify(keepQuery).replaceAll('<', '\\u003c')
  return `${address} + '?' + new URLSearchParams(
  [...new URLSearchParams(location.search)].filter(([name]) => ${names}.includes(name))
)`
}
