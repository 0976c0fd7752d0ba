import type { Unit } from '../../../series.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A day as people read it: `20 Nov 2026`. @param day such as `2026-11-20` */
export function dayName(day: string): string {
  return `${Number(day.slice(8, 10))} ${monthName(day)}`
}

/** `Nov 2026`. */
const monthName = (day: string) => `${MONTHS[Number(day.slice(5, 7)) - 1]} ${day.slice(0, 4)}`

/** A point of a series as people read it: `Nov 2026`, `20 Nov 2026`, `20 Nov 2026, 05:00`. */
export function pointName(unit: Unit, name: string): string {
  if (unit === 'month') return monthName(name)
  return unit === 'day' ? dayName(name) : `${dayName(name)}, ${name.slice(11, 16)}`
}

/** The same as short as it can be below a bar: `Nov 2026`, `20 Nov`, `20 Nov 05:00`. */
export function shortName(unit: Unit, name: string): string {
  if (unit === 'month') return monthName(name)
  const day = dayName(name).slice(0, -' 2026'.length)
  return unit === 'day' ? day : `${day} ${name.slice(11, 16)}`
}
