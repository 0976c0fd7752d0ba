import type { Ink, Pair } from '../style/theme.ts'
import type { Content } from '../svg.ts'

/** What a face is asked to draw. */
export interface FaceAsked {
  /** How many digits the number has, after padding; where two numbers are shown, how many each has. */
  groups: readonly number[]
  /** The colour of the digits; null for the face's own. */
  color: Pair | null
  /** The colour of what they stand on; null for the face's own. */
  ground: Pair | null
  /** The radius of the corners in px; null for the face's own. */
  radius: number | null
  /** Whether the digits come in softly, one after the other, where the viewer has nothing against motion. */
  animate: boolean
  ink: Ink
}

/** A drawing with slots in it: the digit at place `n` is `shown.digits[n]`, counted over all groups. */
export interface FaceDrawing {
  /** In px, not scaled. */
  width: number
  height: number
  content: Content[]
}

/** A way of drawing numbers by their digits. */
export type Face = (asked: FaceAsked) => FaceDrawing
