import { hash, timingSafeEqual } from 'node:crypto'
import { customAlphabet } from 'nanoid'
import type { PageKey } from './page.ts'

/** The content of a window cookie, `<row id>.<secret>`: where the database keeps it, and the proof. */
export interface Token {
  id: number
  secret: string
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * The name of a page's window cookie. A URL is not a legal cookie name; 96 bits of its SHA-256 are, and two
 * pages do not share them.
 */
export function cookieName(page: PageKey): string {
  return `tm_${hash('sha256', page, 'base64url').slice(0, 16)}`
}

/** @returns a function that makes random secrets of `length` characters, with 5.95 bits each */
export function secretMaker(length: number): () => string {
  return customAlphabet(ALPHABET, length)
}

export function formatToken(token: Token): string {
  return `${token.id}.${token.secret}`
}

/** The token in a cookie's value; null if the value is not in the form of a token. */
export function parseToken(value: string | undefined): Token | null {
  // 15 digits stay below 2^53. TOKEN_LENGTH allows secrets of 8 to 64 characters.
  const [, id, secret] = /^(\d{1,15})\.([0-9A-Za-z]{8,64})$/.exec(value ?? '') ?? []
  return id === undefined || secret === undefined ? null : { id: Number(id), secret }
}

/** Compares two secrets in a time that does not depend on how many characters match. */
export function sameSecret(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
