import { hash, randomBytes } from 'node:crypto'

/** A secret of 256 random bits, as 43 characters that can stand in an address and in a cookie. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether a text has the form of such a secret. */
export function isSecret(text: string): boolean {
  return /^[\w-]{43}$/.test(text)
}

/** The form in which the database keeps a secret: its SHA-256, in hex. Nobody can find the secret from that. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret)
}
