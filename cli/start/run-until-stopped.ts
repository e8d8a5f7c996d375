import { messageOf, SluiceError } from '../../shared/core/errors.ts';
import { tenantOfId } from '../../shared/core/stored-subscription.ts';
import { reserveMs } from '../../shared/flows/deliver-subscription.ts';
import { wakeEverybody, wakeSubscriptions } from '../../shared/flows/wake-subscriptions.ts';
import { httpApp } from '../../shared/http/http-app.ts';
import type { PullLine } from '../../shared/ports/telemetry.ts';
import type { Sluice } from '../compose.ts';
import { deliverTo } from '../deliver-all.ts';
import { manageDeps } from '../manage-deps.ts';
import { pullOnce } from '../pull-once.ts';
import { reconcileOnce } from '../reconcile-once.ts';
import { type Stopping, stopOnSignal } from '../stop-on-signal.ts';
import type { Terminal } from '../terminal.ts';
import { atItsPlace } from './at-its-place.ts';
import { type DeliveryDesk, deliveryDesk, type Place, type Turn } from './delivery-desk.ts';
import { httpDeps } from './http-deps.ts';
import { lookAfterChanges } from './look-after-changes.ts';
import { pullOnSchedule } from './pull-on-schedule.ts';
import { reconcileWhenDue } from './reconcile-when-due.ts';
import { serveHttp } from './serve-http.ts';
import { signHeads } from './sign-heads.ts';

/**
 * Pulls, compares with the source, delivers and answers HTTP until Ctrl-C or SIGTERM; resolves when everything has come to rest.
 * @throws OperatorMustFix when the first pull, or opening the HTTP address, meets something that a person must fix
 */
export const runUntilStopped = async (
  sluice: Sluice,
  terminal: Pick<Terminal, 'say' | 'onStop' | 'exitNow'>,
  { listening }: { readonly listening: (url: string) => void },
): Promise<void> => {
  const { clock, config } = sluice;
  const stopping = stopOnSignal(terminal, clock, 0);
  const desk = deliveryDesk((id, place) => deliverOne(sluice, id, { stopping, place }), {
    atOnce: config.deliveriesAtOnce,
    tenantOf: tenantIn(sluice),
    clock,
  });
  const server = await serveHttp(httpApp(httpDeps(sluice)), config.http);
  listening(server.url);
  terminal.say(`Pulling every ${config.pullIntervalSeconds} s. Ctrl-C stops it.`);
  if (config.queue.kind === 'sqs') terminal.say('Deliveries are made by whoever reads the queue of SLUICE_QUEUE_URL.');
  const compare = reconcileWhenDue({
    ...sluice,
    reconcile: () => reconcileOnce(sluice, withinMinutes(sluice, stopping)),
  });
  const pullThenCompare = async (): Promise<PullLine> => {
    const line = await pullOnce(sluice, stopping.limits);
    handOver(sluice, desk);
    if (line.result !== 'more' && !stopping.asked.aborted) await compare();
    return line;
  };
  try {
    await Promise.all([
      pullOnSchedule(
        { ...sluice, pull: () => pullThenCompare().finally(() => handOver(sluice, desk)) },
        { intervalMs: config.pullIntervalSeconds * 1000, signal: stopping.asked },
      ).finally(stopping.stop),
      wakeWhatIsDue(sluice, desk, stopping).finally(stopping.stop),
      signHeads(sluice, stopping.asked).finally(stopping.stop),
      lookAfterChanges(manageDeps(sluice), stopping.asked).finally(stopping.stop),
    ]);
  } finally {
    await Promise.all([desk.idle(), server.close()]);
    stopping.over();
  }
};

/** The tenant of a subscription: an id that the API made names it, one in the settings' file may be anything. */
const tenantIn = ({ roster }: Sluice): ((id: string) => string) => {
  const inFile = new Map(roster.fromFile.map(({ id, tenant }) => [id, tenant]));
  return (id) => inFile.get(id) ?? tenantOfId(id) ?? id;
};

/** How long one comparison may keep the next pull waiting; what it did not reach is compared after that pull. */
const comparisonMs = 140_000;

const withinMinutes = ({ clock }: Sluice, { limits }: Stopping): Stopping['limits'] => {
  const untilMs = clock.nowMs() + comparisonMs;
  return { ...limits, remainingMs: () => Math.min(limits.remainingMs(), untilMs - clock.nowMs()) };
};

/** How long one subscription may deliver before the others have their turn, plus the reserve that deliver keeps to end a batch. */
const turnMs = 10_000 + reserveMs;

const deliverOne = async (
  sluice: Sluice,
  id: string,
  { stopping, place }: { readonly stopping: Stopping; readonly place: Place },
): Promise<Turn> => {
  if (stopping.asked.aborted) return 'done';
  const { clock } = sluice;
  const { limits } = stopping;
  const untilMs = clock.nowMs() + turnMs;
  const remainingMs = () => Math.min(limits.remainingMs(), untilMs - clock.nowMs());
  const destinationOf: Sluice['destinationOf'] = async (of) => atItsPlace(await sluice.destinationOf(of), place);
  try {
    const subscription = await sluice.roster.get(id);
    if (!subscription) return 'done';
    const { result } = await deliverTo({ ...sluice, destinationOf }, subscription, { ...limits, remainingMs });
    return result === 'out of time' && !stopping.asked.aborted ? 'more' : 'done';
  } catch (error) {
    const passes = error instanceof SluiceError && error.actor === 'next-run';
    sluice.telemetry.notice(passes ? 'warn' : 'error', explained(error), { subscription: id });
    return 'done';
  }
};

/** A bug that shows in one subscription must not stop the others, but its stack is printed. */
const explained = (error: unknown): string =>
  messageOf(error instanceof SluiceError || !(error instanceof Error) ? error : (error.stack ?? error));

/** Passes on the wake-ups of this process. If the queue is SQS there are none here: the function behind it delivers. */
const handOver = ({ queue }: Sluice, desk: DeliveryDesk): void => {
  for (const id of queue.take?.() ?? []) desk.wake(id);
};

/**
 * Wakes subscriptions whose retry falls due between two pulls: with SQLite it reads the due index every second, with DynamoDB once per pull
 * interval.
 */
const wakeWhatIsDue = async (sluice: Sluice, desk: DeliveryDesk, { asked }: Stopping): Promise<void> => {
  const { clock, config } = sluice;
  const everyMs = config.state.kind === 'sqlite' ? 1000 : config.pullIntervalSeconds * 1000;
  // Wake-ups of the process before are lost with it, so the first look wakes every subscription; its state tells whether something waits.
  let wake = config.queue.kind === 'inline' ? wakeEverybody : wakeSubscriptions;
  while (!asked.aborted) {
    await clock.sleep(everyMs, asked);
    if (asked.aborted) return;
    try {
      await wake(sluice);
      wake = wakeSubscriptions;
    } catch (error) {
      // The pull meets the same error and reports it.
      if (!(error instanceof SluiceError)) throw error;
    }
    handOver(sluice, desk);
  }
};
