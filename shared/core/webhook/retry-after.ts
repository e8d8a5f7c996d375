const dateShape = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w: -]+$/;

/**
 * What a `Retry-After` asks for, in milliseconds from now, 0 when its date has passed; `undefined` when it cannot be read (negative,
 * a fraction, words). Huge numbers stay huge: `nextAttempt` sets the bounds.
 * @see RFC 9110 §10.2.3, and §5.6.7 for the three forms of a date
 */
export const retryAfterMs = (value: string | undefined, nowMs: number): number | undefined => {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  if (!dateShape.test(text)) return undefined;
  const atMs = Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
  return Number.isNaN(atMs) ? undefined : Math.max(atMs - nowMs, 0);
};
