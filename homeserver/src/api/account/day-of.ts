/** The day of a time in epoch ms, as pages show it. */
export const dayOf = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10);
