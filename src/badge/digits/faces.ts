import { drawDots } from './dots.ts'
import type { Face } from './face.ts'
import { drawFlap } from './flap.ts'
import { drawLcd } from './lcd.ts'
import { drawLed } from './led.ts'
import { drawOdometer } from './odometer.ts'

export const FACE_NAMES = ['odometer', 'lcd', 'flap', 'tally', 'dots', 'led'] as const
export type FaceName = (typeof FACE_NAMES)[number]

/** The faces that have slots for digits; `tally` has none. */
export const FACES: ReadonlyMap<FaceName, Face> = new Map([
  ['odometer', drawOdometer],
  ['lcd', drawLcd],
  ['flap', drawFlap],
  ['dots', drawDots],
  ['led', drawLed],
])
