import { longestPollMs } from '../../shared/flows/poll-subscription.ts';
import type { HttpDeps } from '../../shared/http/http-app.ts';
import type { Sluice } from '../compose.ts';
import { manageDeps } from '../manage-deps.ts';

/** What the HTTP API of one machine works with. */
export const httpDeps = (sluice: Sluice): HttpDeps => ({
  ...manageDeps(sluice),
  answers: 'streamed',
  mostPollWaitMs: longestPollMs,
});
