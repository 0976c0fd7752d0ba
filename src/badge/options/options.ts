import type { SparklinePeriod } from '../sparkline.ts'
import type { ColorPair, Theme } from '../style/theme.ts'
import { type NumberFormat, PLAIN } from './format.ts'
import type { Logo } from './logo.ts'

export const STYLES = ['flat', 'flat-square', 'plastic', 'for-the-badge', 'social'] as const
export type Style = (typeof STYLES)[number]

/** The longest label, in UTF-16 code units. */
export const MAX_LABEL = 80
/** The longest prefix and the longest suffix. */
export const MAX_AFFIX = 20
export const MAX_STEPS = 12

/** A colour for numbers from `from` on. */
export interface ColorStep {
  from: number
  color: ColorPair
}

/** How a badge looks and what it shows. All values are checked; colours are CSS colours. */
export interface BadgeOptions {
  /** The left side; empty for none. */
  label: string
  /** The number's background; on a face, its digits. */
  color: ColorPair | null
  labelColor: ColorPair | null
  textColor: ColorPair | null
  colorSteps: readonly ColorStep[]
  /** Null for `light`; or for `auto` if a face is drawn or a colour is given for dark pages. */
  theme: Theme | null
  style: Style
  /** In px; null for the style's own. */
  radius: number | null
  scale: number
  logo: Logo | null
  logoColor: ColorPair | null
  /** In px; null for as wide as high. */
  logoWidth: number | null
  format: NumberFormat
  prefix: string
  suffix: string
  /** Added to the total. */
  base: number
  /** One or two periods whose hits are shown, such as `today`; null to show the hits of the parameters `period` and `within`. */
  show: readonly string[] | null
  /** The period of the sparkline. */
  trend: SparklinePeriod | null
  animate: boolean
  face: string | null
  /** The least number of digits on a face. */
  digits: number
}

/** The options that a tag does not give. Label and colour are the instance's own. */
export const DEFAULTS: Omit<BadgeOptions, 'label' | 'color'> = {
  labelColor: null,
  textColor: null,
  colorSteps: [],
  theme: null,
  style: 'flat',
  radius: null,
  scale: 1,
  logo: null,
  logoColor: null,
  logoWidth: null,
  format: PLAIN,
  prefix: '',
  suffix: '',
  base: 0,
  show: null,
  trend: null,
  animate: false,
  face: null,
  digits: 1,
}

/** The forms of answer that take options. */
export type Form = 'svg' | 'png' | 'active' | 'shields' | 'card'

const OPTIONS = ['label', 'color', ...Object.keys(DEFAULTS)]

const allExcept = (...excluded: (keyof BadgeOptions)[]): ReadonlySet<string> =>
  new Set(OPTIONS.filter((name) => !excluded.some((each) => each === name)))

/** The options that change each form of answer. */
export const OPTIONS_OF: Readonly<Record<Form, ReadonlySet<string>>> = {
  svg: allExcept(),
  // A PNG stands still. `scale` is the number of its pixels there, which the route reads by itself.
  png: allExcept('scale', 'animate'),
  // Active visits have no total and no history.
  active: allExcept('base', 'show', 'trend'),
  // What the schema of shields.io's endpoint badge has no words for is left out.
  shields: allExcept('textColor', 'radius', 'scale', 'animate', 'trend', 'face', 'digits'),
  card: new Set(['label', 'color', 'theme', 'scale', 'base'] satisfies (keyof BadgeOptions)[]),
}
