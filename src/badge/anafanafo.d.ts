// The library ships no types; this is the part of it that is used here.
declare module 'anafanafo' {
  /** The width of a text in px. @param options.font one of `11px Verdana`, `10px Verdana`, `bold 10px Verdana`, `bold 11px Helvetica` */
  export default function measure(text: string, options: { font: string; guess?: boolean }): number
}
