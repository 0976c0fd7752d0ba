// The library ships no types; this is the part of it that is used here.
declare module 'css-color-converter' {
  /** A colour, or null where the text is no CSS colour. Red, green and blue are 0 to 255, the last is 0 to 1. */
  export function fromString(
    text: string,
  ): { toRgbaArray(): [number, number, number, number] } | null
}
