/** The first wait before a new try, in milliseconds. */
export const FIRST_MS = 500;
/** The longest wait. */
export const LONGEST_MS = 15_000;

/**
 * How long to wait before try number `failures` + 1, in milliseconds: 0.5 s doubling to 15 s, of
 * which a random share up to a half is taken off, so that many watchers do not return together.
 */
export function retryDelay(failures: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(full * (1 - random / 2));
}
