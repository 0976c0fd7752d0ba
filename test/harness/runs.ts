/** How often a property is tried in a usual run; `FUZZ=10` tries ten times as often. */
export const runs = (times: number) => Math.ceil(times * Number(process.env.FUZZ ?? 1))
