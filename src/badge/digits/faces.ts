import { drawDots } from './dots.ts'
import { digitFace, type Face } from './face.ts'
import { drawFlap } from './flap.ts'
import { drawOdometer } from './odometer.ts'
import { drawLcd, drawLed } from './segments.ts'
import { TALLY_MARKS } from './tally.ts'

export const FACE_NAMES = ['odometer', 'lcd', 'flap', 'tally', 'dots', 'led'] as const
export type FaceName = (typeof FACE_NAMES)[number]

export const FACES: Readonly<Record<FaceName, Face>> = {
  odometer: digitFace(drawOdometer),
  lcd: digitFace(drawLcd),
  flap: digitFace(drawFlap),
  tally: TALLY_MARKS,
  dots: digitFace(drawDots),
  led: digitFace(drawLed),
}
