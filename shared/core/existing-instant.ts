import { type Instant, toInstant } from './instant.ts';

/**
 * Reads a moment that a person wrote, in UTC and to the nanosecond, or a day; `undefined` for one that does not exist, such as
 * `2026-02-30T00:00:00Z`.
 */
export const existingInstant = (text: string): Instant | undefined => {
  const instant = toInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (instant === undefined) return undefined;
  const toSecond = instant.slice(0, 19);
  const epochMs = Date.parse(`${toSecond}Z`);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().startsWith(toSecond) ? instant : undefined;
};
