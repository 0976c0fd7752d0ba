// Reads what people paste: an address, an address in some markup, or a tag of Tallymark.

/**
 * @typedef {object} Pasted
 * @property {string} address the page's address or name, without what does not belong to a page
 * @property {string} from the markup that was around it, such as `Markdown`; empty for none
 * @property {{part: string, why: string}[]} left what was left out
 * @property {Near[]} near other addresses that may be meant
 * @property {string} tag the address of a tag of Tallymark, if that was pasted; else empty
 * @property {'' | 'page' | 'numbers'} link what the tag's image links to
 *
 * @typedef {object} Near
 * @property {string} address
 * @property {boolean} likely whether it is more likely than what was pasted; else only a number that is greater says so
 */

/** The address of a tag, in any markup: none of them allows these characters inside it. */
const TAG =
  /https?:\/\/[^\s"'<>()[\]!|]+\/(?:(?:no)?count\/tag\.(?:svg|png)(?:\?[^\s"'<>()[\]!|#]*)?|graph\.svg\?[^\s"'<>()[\]!|#]*\burl=[^\s"'<>()[\]!|#]*)/i
/** What a tag's image links to, in the markups in which the image comes first. */
const TARGET = /(?::target: |!:|,link=")([^\s"\]]+)/

/** Each markup, and the address in it. */
const MARKUPS = /** @type {const} */ ([
  ['Markdown', /^\[!\[[^\]]*\]\([^)]*\)\]\(\s*<?([^\s>]+?)>?(?:\s+["'(].*)?\)$/],
  ['Markdown', /^!?\[[^\]]*\]\(\s*<?([^\s>]+?)>?(?:\s+["'(].*)?\)$/],
  ['HTML', /^<a\s[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)[^>]*>/i],
  ['HTML', /^<img\s[^>]*?\bsrc\s*=\s*["']?([^"'\s>]+)[^>]*>/i],
  ['AsciiDoc', /^(?:link:)?(https?:\/\/[^\s[\]]+)\[[^\]]*\]$/i],
  ['Org', /^\[\[([^\]]+)\](?:\[[^\]]*\])?\]$/],
  ['BBCode', /^\[url=?"?([^\]"]*?)"?\][\s\S]*\[\/url\]$/i],
  ['reStructuredText', /^`[^`<]*<([^`>]+)>`_{0,2}$/],
  ['MediaWiki', /^\[(https?:\/\/\S+)(?:\s[^\]]*)?\]$/i],
  ['angle brackets', /^<(?:URL:)?([^\s<>]+)>$/i],
  ['quotes', /^(?:"([^"]+)"|'([^']+)'|`([^`]+)`|“([^”]+)”|„([^“”]+)[“”]|«\s*([^»]+?)\s*»)$/],
])

/** Characters that nobody sees, such as those that word processors and chats add. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/g

/**
 * @param {string} text
 * @param {readonly string[]} keepQuery the parameters that tell pages apart
 * @returns {Pasted}
 */
export function readPasted(text, keepQuery = []) {
  const whole = text.replace(INVISIBLE, '').replace(/\s+/g, ' ').trim()
  const tag = (TAG.exec(whole)?.[0] ?? '').replaceAll('&amp;', '&')
  const { inner, from } = unwrap(whole)
  const { address, left } = withoutRest(inner, keepQuery)
  if (tag === '') return { address, from, left, near: nearTo(address), tag, link: '' }
  // In other markups what was unwrapped is the link, unless it is the tag itself.
  const isLinked = from !== '' && !tag.startsWith(address)
  const target = isLinked ? inner : (TARGET.exec(whole)?.[1] ?? '')
  return { address, from, left, near: [], tag, link: linkOf(target) }
}

/**
 * @param {string} target an address, or an empty string
 * @returns {Pasted['link']}
 */
function linkOf(target) {
  if (target === '') return ''
  return /\/(?:page\?(?:[^#]*&)?url|site\?(?:[^#]*&)?host)=/.test(target) ? 'numbers' : 'page'
}

/** @param {string} text */
function unwrap(text) {
  for (const [from, pattern] of MARKUPS) {
    const found = pattern.exec(text)?.slice(1).find(Boolean)
    if (found) return { inner: found.replaceAll('&amp;', '&').trim(), from }
  }
  return { inner: text, from: '' }
}

/**
 * Leaves out what is no part of a page: its query, its fragment, and who signs in.
 * @param {string} text
 * @param {readonly string[]} keepQuery
 */
function withoutRest(text, keepQuery) {
  const [, before = '', query = '', fragment = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/.exec(text) ?? []
  /** @type {Pasted['left']} */
  const left = []
  const [, scheme = '', secret = '', rest = before] =
    /^(https?:\/\/)([^/@\s]+@)(.*)$/i.exec(before) ?? []
  if (secret) left.push({ part: secret, why: 'a name and a password are no part of a page' })
  const kept = keptOf(query, keepQuery)
  if (query !== '' && kept !== query) {
    const why =
      keepQuery.length > 0
        ? `of a query, only ${keepQuery.join(', ')} tells pages apart here`
        : 'a page is the same with any query'
    left.push({ part: query, why })
  }
  if (fragment) left.push({ part: fragment, why: 'it names a place within the page' })
  return { address: (secret ? scheme : '') + rest + kept, left }
}

/**
 * @param {string} query
 * @param {readonly string[]} keepQuery
 */
function keptOf(query, keepQuery) {
  const parameters = query
    .slice(1)
    .split('&')
    .filter((each) => keepQuery.includes(decode(each.split('=', 1)[0] ?? '')))
  return parameters.length > 0 ? `?${parameters.join('&')}` : ''
}

/** @param {string} text percent-encoded, or not well-formed */
function decode(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Hosts whose pages of a project begin with its owner and its name. */
export const FORGES =
  /^(github\.com|gitlab\.com|codeberg\.org|bitbucket\.org|gitea\.com|git\.sr\.ht)$/
/** Pages of a project that are not the project's own page. */
const INSIDE =
  /^(-|blob|tree|raw|src|edit|blame|commits?|branches|tags|releases?|issues?|pulls?|pull-requests|merge_requests|wiki|actions|projects|security|pulse|discussions|settings|archive|refs)$/

/**
 * @param {string} address
 * @returns {Near[]}
 */
function nearTo(address) {
  const plain = address
    .replace(/^(git\+)?(https?|ssh|git):\/\//i, '')
    .replace(/^[\w.-]+@([\w.-]+):(?!\d+\/)/, '$1/')
    .replace(/^[\w.-]+@/, '')
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
  const [host = '', ...path] = plain.split('/')
  const name = host.toLowerCase()
  /** @type {Near[]} */
  const near = []
  const add = (/** @type {string} */ other, likely = true) => {
    const known = near.some((each) => each.address === other)
    if (other !== withoutScheme(address) && !known) near.push({ address: other, likely })
  }
  const forge = name.replace(/^www\./, '')
  const [owner, project] = path
  if (FORGES.test(forge) && owner) {
    add(project ? projectOf(forge, path) : `${forge}/${owner}`)
    return near
  }
  if (name === 'raw.githubusercontent.com' && owner && project)
    add(`github.com/${owner}/${project}`)
  // `owner/name`, as people say it of GitHub.
  if (
    path.length === 1 &&
    owner &&
    /^[a-z\d](-?[a-z\d])*$/i.test(host) &&
    /^[\w.-]+$/.test(owner)
  ) {
    add(`github.com/${host}/${owner.replace(/\.git$/, '')}`)
  }
  // ssh and git have addresses that are not pages.
  if (/^((git\+)?ssh|git):|^[\w.-]+@[\w.-]+:/i.test(address) || /\.git$/.test(plain)) {
    add(plain.replace(/\.git$/, ''))
  }
  if (!host.includes('.')) return near
  const last = path.at(-1) ?? ''
  if (/^(index|default)\.(html?|php|aspx?)$/i.test(last))
    add([host, ...path.slice(0, -1)].join('/'), false)
  const mobile = /^(\w+\.)?m\.(.+\..+)$/.exec(host)
  if (mobile) add([`${mobile[1] ?? ''}${mobile[2]}`, ...path].join('/'), false)
  if (!/^[\d.]+$/.test(host)) {
    add([/^www\./.test(host) ? host.slice(4) : `www.${host}`, ...path].join('/'), false)
  }
  return near
}

/**
 * The page of a project, whatever page of it is given. GitLab has groups within groups.
 * @param {string} forge
 * @param {string[]} path
 */
function projectOf(forge, path) {
  const end = forge === 'gitlab.com' ? path.findIndex((part) => INSIDE.test(part)) : 2
  const known = end < 2 ? path : path.slice(0, end)
  return [forge, ...known].join('/').replace(/\.git$/, '')
}

/** @param {string} address */
function withoutScheme(address) {
  return address.replace(/^https?:\/\//i, '').replace(/\/+$/, '')
}
