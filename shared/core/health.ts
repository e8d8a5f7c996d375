/** What ends a row of failures makes of a subscription's health. */
import type { Health } from './subscription-state.ts';

/** Without all that belongs to a row of failures. Dead letters in a row still count: only a delivered batch or a person ends those. */
export const mendedHealth = ({ deadLettersInARow, lastSuccessAtMs, deadLetterToldAtMs }: Health): Health => ({
  status: 'active',
  failures: 0,
  deadLettersInARow,
  ...(lastSuccessAtMs !== undefined && { lastSuccessAtMs }),
  ...(deadLetterToldAtMs !== undefined && { deadLetterToldAtMs }),
});

/** Nothing that failed before counts any more, dead letters in a row neither. */
export const restedHealth = (health: Health): Health => ({ ...mendedHealth(health), deadLettersInARow: 0 });
