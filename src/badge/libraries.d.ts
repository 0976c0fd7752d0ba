// Types for the parts of two libraries that are used here; the libraries have none.
declare module 'anafanafo' {
  /** The width of a text in px. @param options.font one of `11px Verdana`, `10px Verdana`, `bold 10px Verdana`, `bold 11px Helvetica` */
  export default function measure(text: string, options: { font: string; guess?: boolean }): number
}

declare module 'css-color-converter' {
  /** A colour, or null if the text is not a CSS colour. Red, green and blue are 0 to 255, the last is 0 to 1. */
  export function fromString(
    text: string,
  ): { toRgbaArray(): [number, number, number, number] } | null
}
