import type { Checks } from '../config.ts'
import { checkColor, checkLabel } from './badge/badge.ts'
import type { Face } from './badge/digits/face.ts'
import { readOwnFaces } from './badge/digits/faces.ts'
import { checkFonts } from './badge/png/find-fonts.ts'
import { parseTemplate, readTemplate, type Template } from './badge/template.ts'
import { checkDenyingPatterns, checkPageList, checkPagePatterns } from './pattern.ts'
import { checkTimeZone } from './time-zone.ts'

/** Checks of settings by the code that uses them. They are here because config.ts must not import other folders. */
export const checks: Checks<Template, ReadonlyMap<string, Face>> = {
  BADGE_LABEL: checkLabel,
  BADGE_COLOR: checkColor,
  TIME_ZONE: checkTimeZone,
  ALLOW_PAGES: checkPagePatterns,
  DENY_PAGES: checkDenyingPatterns,
  TOP_IGNORE: checkPagePatterns,
  UNTRACKED_PAGES: checkPageList,
  FONTS_DIR: checkFonts,
  FACES_DIR: readOwnFaces,
  BADGE_TEMPLATE_FILE: (file) => parseTemplate(readTemplate(file)),
}
