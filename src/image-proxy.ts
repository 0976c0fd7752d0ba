/**
 * Programs that fetch an image for a person, by their user agents: many visitors share their addresses. GitHub's
 * Camo and the programs made after it (GitLab, Gitea and others run them), Gmail's proxy, and Yahoo's.
 */
const IMAGE_PROXY = /^(github-camo|camo asset proxy|go-camo)\b|googleimageproxy|yahoomailproxy/i

export function isImageProxy(userAgent: string | undefined): boolean {
  return userAgent !== undefined && IMAGE_PROXY.test(userAgent)
}
