import type { Pair, Theme } from '../style/theme.ts'
import { type NumberFormat, PLAIN } from './format.ts'
import type { Logo } from './old-logo.ts'

export const STYLES = ['flat', 'flat-square', 'plastic', 'for-the-badge', 'social'] as const
export type Style = (typeof STYLES)[number]

export const TRENDS = ['7d', '30d', '12m'] as const
export type Trend = (typeof TRENDS)[number]

/** The longest label, in UTF-16 code units; and the longest prefix and suffix. */
export const MAX_LABEL = 80
export const MAX_AFFIX = 20
export const MAX_STEPS = 12

/** A colour for numbers from `from` on. */
export interface Step {
  from: number
  color: Pair
}

/** How a badge looks and what it shows, all of it checked. Colours are CSS colours. */
export interface BadgeOptions {
  /** The left side; empty for none. */
  label: string
  /** The number's ground; the digits of a face. */
  color: Pair | null
  labelColor: Pair | null
  textColor: Pair | null
  colorSteps: readonly Step[]
  /** Null for `light`, or for `auto` where a colour is given for dark ground. */
  theme: Theme | null
  style: Style
  /** In px; null for the style's own. */
  radius: number | null
  scale: number
  logo: Logo | null
  logoColor: Pair | null
  /** In px; null for as wide as high. */
  logoWidth: number | null
  format: NumberFormat
  prefix: string
  suffix: string
  /** Is added to the total. */
  base: number
  /** The periods whose hits are shown, one or two, such as `today`; null for what is asked for elsewhere. */
  show: readonly string[] | null
  trend: Trend | null
  animate: boolean
  face: string | null
  digits: number
}

/** What holds where a tag says nothing; label and colour are the instance's. */
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
