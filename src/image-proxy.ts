/**
 * Programs that fetch an image for a person, by the user agents that their own source gives them. Many visitors share the
 * address of one.
 */
const IMAGE_PROXIES = [
  // GitHub's Camo (atmos/camo) and the programs made after it: cactus/go-camo, denschub/camo-rs. GitLab, Gitea, Discourse
  // and others run them.
  '^(github-camo|camo asset proxy|camo-rs|go-camo)\\b',
  // The proxies of mail services: Gmail's, Yahoo's, and Apple's, which sends `Mozilla/5.0` and nothing else.
  'googleimageproxy|yahoomailproxy|^mozilla/5\\.0$',
  // images.weserv.nl and wsrv.nl (weserv/images), and Photon, which WordPress.com and Jetpack put before images.
  '\\bimagefetcher/[\\d.]+; \\+https?://images\\.weserv\\.nl/|^photon/\\d',
  // Programs that sites run: imgproxy/imgproxy, thumbor/thumbor, h2non/imaginary, willnorris/imageproxy, and pict-rs,
  // which shows the images of Lemmy.
  '^(imgproxy|thumbor|imaginary)/\\d|^willnorris/imageproxy$|^pict-rs v\\d',
]
const IMAGE_PROXY = new RegExp(IMAGE_PROXIES.join('|'), 'i')

export function isImageProxy(userAgent: string | undefined): boolean {
  return userAgent !== undefined && IMAGE_PROXY.test(userAgent)
}
