import type { Subscription } from '../core/subscription.ts';
import type { DeliverLine } from '../ports/telemetry.ts';
import type { DeliverDeps, DeliverOptions, DeliveryRun, Step } from './deliver/delivery-run.ts';
import { heldState } from './deliver/held-state.ts';
import { checkEnd, type LoadedState, loadRecorded } from './deliver/load-state.ts';
import { logAttempt } from './deliver/log-attempt.ts';
import { nextStep } from './deliver/next-step.ts';
import { deletedLine, deliverLine, withCountsOf } from './deliver/report.ts';
import { sendBatch } from './deliver/send-batch.ts';
import { operatorOf } from './deliver/tell-operator.ts';

export type { DeliverDeps, DeliverOptions } from './deliver/delivery-run.ts';

/** A new batch is begun only while there is time for its exchange and its record. */
export const reserveMs = 20_000;
/** Races that one run may lose in a row before it leaves the field. */
const mostLooks = 3;

/**
 * Brings a subscription as far as the journal goes, one batch after the other. The cursor moves only after the destination has
 * accepted; whatever happens in between, the same batch is sent again with the same id and the same bytes. What a batch came to
 * and the claim on the next are one write. While somebody holds the subscription nothing is sent; while its endpoint has not answered
 * the challenge, nothing but that.
 * @throws RetryLater, OperatorMustFix when state or journal cannot be read; what the destination does is never an exception
 */
export const deliverSubscription = async (
  deps: DeliverDeps,
  subscription: Subscription,
  options: DeliverOptions,
): Promise<DeliverLine> => {
  const { clock, journal, records } = deps;
  const startedAtMs = clock.nowMs();
  const loaded = await loadRecorded(deps, subscription, deps.roster);
  if (loaded === 'deleted') return deletedLine(subscription, clock.nowMs() - startedAtMs);
  let before = loaded.state;
  const { run, finished } = runOf(deps, subscription, options, loaded);
  const { held } = run;

  /**
   * Whoever won the race may have looked before the segment came that this run was woken for: so the state is read again, and looked at
   * once more. A claim in it ends this run; its holder looks again itself.
   */
  const lookAgain = async (): Promise<Step> => {
    const now = await loadRecorded(deps, subscription, deps.roster);
    // A record that is gone was deleted: it is not brought back to life.
    if (now === 'deleted' || now.version < held.version) return 'conflict';
    before = withCountsOf(before, held.state, now.state);
    held.adopt(now);
    return 'go on';
  };

  let step: Step = 'go on';
  try {
    for (let looks = 1; step === 'go on' || typeof step === 'object'; ) {
      step = step === 'go on' ? await nextStep(run) : await sendBatch(run, step);
      if (step !== 'conflict' || looks === mostLooks) continue;
      looks += 1;
      step = await lookAgain();
    }
  } finally {
    await finished();
  }
  if (step === 'caught up') await checkEnd({ records, journal }, held.state);

  const ended = { ...run.seen, before, after: held.state, startedAtMs, nowMs: clock.nowMs() };
  const line = await deliverLine(journal, subscription, step, ended);
  deps.telemetry.deliverRun(line);
  return line;
};

/** `finished` resolves when all that was said and logged is out: a function may be frozen afterwards. */
const runOf = (
  deps: DeliverDeps,
  subscription: Subscription,
  { remainingMs, signal }: DeliverOptions,
  loaded: LoadedState,
): { readonly run: DeliveryRun; readonly finished: () => Promise<unknown> } => {
  const operator = operatorOf(deps, subscription);
  let logged: Promise<void> = Promise.resolve();
  const run: DeliveryRun = {
    deps: { ...deps, random: deps.random ?? Math.random },
    subscription,
    held: heldState(deps, subscription, loaded),
    operator,
    ...(signal && { signal }),
    isStopping: () => signal?.aborted === true || remainingMs() < reserveMs,
    log: async (tried) => {
      await logged;
      logged = logAttempt(deps, subscription.id, tried);
    },
    seen: { batches: 0, oldestWaiting: undefined },
  };
  return { run, finished: () => Promise.all([logged, operator.told()]) };
};
