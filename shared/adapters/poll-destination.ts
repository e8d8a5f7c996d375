import { pollLimits } from '../core/poll.ts';
import type { Destination } from '../ports/destination.ts';

/** Nothing is sent: the customer fetches its batches, and the next request acknowledges. The flows use only its limits. */
export const pollDestination = (): Destination => ({
  description: 'poll',
  limits: pollLimits,
  send: () =>
    Promise.reject(new Error('A subscription that is polled was sent to: whoever delivers must leave it alone.')),
});
