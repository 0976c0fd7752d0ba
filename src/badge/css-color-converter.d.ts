// The library ships no types; this is the part of it that is used here.
declare module 'css-color-converter' {
  /** A colour object, or null where the text is no CSS colour. */
  export function fromString(text: string): object | null
}
