import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The family that stands in for each one that is not there. */
export const FAMILY = 'DejaVu Sans'

const FOLDER = join(import.meta.dirname, '../fonts')
const DEJAVU = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) =>
  readFileSync(join(FOLDER, file)),
)

/** The fonts that a drawing needs. What a machine has installed is not the same everywhere, so none of it is used. */
export function fontsOf(_svg: string): readonly Uint8Array[] {
  return DEJAVU
}
