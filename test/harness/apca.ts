/**
 * The perceived contrast of an opaque text with an opaque colour behind it, by APCA 0.0.98G-4g: https://git.apcacontrast.com
 * Above 0, the text is darker; below, lighter. From 60 on, texts of this size can be read well, by its authors' table.
 * @param text `#rgb` or `#rrggbb`
 */
export function apca(text: string, behind: string): number {
  const [front, back] = [luminance(text), luminance(behind)]
  const difference = back > front ? back ** 0.56 - front ** 0.57 : back ** 0.65 - front ** 0.62
  const contrast = difference * 1.14
  if (Math.abs(contrast) < 0.1) return 0
  return (contrast - Math.sign(contrast) * 0.027) * 100
}

function luminance(color: string): number {
  const hex = color.length === 4 ? color.replace(/[\da-f]/gi, '$&$&') : color
  const [red, green, blue] = [1, 3, 5].map(
    (at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.4,
  ) as [number, number, number]
  const sum = 0.2126729 * red + 0.7151522 * green + 0.072175 * blue
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: APCA says 1.414
  return sum < 0.022 ? sum + (0.022 - sum) ** 1.414 : sum
}
