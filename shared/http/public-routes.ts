import type { Hono } from 'hono';
import { messageOf } from '../core/errors.ts';
import { problem } from '../core/problem.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { answerProblem } from './answer-problem.ts';
import { onlyMethods } from './only-methods.ts';

interface Deps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'notice'>;
}

/** How long the result of a look at the state is reused, so that frequent requests cost one read a second. */
const believedMs = 1_000;

/** `/health` and `/openapi.json`, for anybody. They tell nothing of any tenant, and no quota keeps a monitor from its answer. */
export const mountPublic = (app: Hono, deps: Deps, document: () => unknown): void => {
  const isReachable = stateReachable(deps);
  app.get('/health', async (context) => {
    if (await isReachable()) return context.json({ status: 'ok' });
    return answerProblem(
      context,
      problem('try-later', 'The state cannot be read. Deliveries wait, and go on by themselves.'),
    );
  });
  // The document never changes while the process runs; it is made at the first request.
  let text: string | undefined;
  app.get('/openapi.json', (context) => {
    text ??= JSON.stringify(document());
    context.header('Cache-Control', 'public, max-age=300');
    context.header('Content-Type', 'application/json');
    return context.body(text);
  });
  for (const path of ['/health', '/openapi.json']) app.all(path, onlyMethods(['GET']));
};

const stateReachable = ({ records, clock, telemetry }: Deps): (() => Promise<boolean>) => {
  let known: { readonly answer: Promise<boolean>; readonly untilMs: number } | undefined;
  const look = async (): Promise<boolean> => {
    try {
      await records.get('key', 'health');
      return true;
    } catch (error) {
      telemetry.notice('warn', `The state cannot be read: ${messageOf(error)}`);
      return false;
    }
  };
  return () => {
    if (!known || clock.nowMs() >= known.untilMs) known = { answer: look(), untilMs: clock.nowMs() + believedMs };
    return known.answer;
  };
};
