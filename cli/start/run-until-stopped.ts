import { messageOf, SluiceError } from '../../shared/core/errors.ts';
import { wakeSubscriptions } from '../../shared/flows/wake-subscriptions.ts';
import { httpApp } from '../../shared/http/http-app.ts';
import type { PullLine } from '../../shared/ports/telemetry.ts';
import type { Sluice } from '../compose.ts';
import { deliverersAtOnce, deliverTo } from '../deliver-all.ts';
import { pullOnce } from '../pull-once.ts';
import { reconcileOnce } from '../reconcile-once.ts';
import { type Stopping, stopOnSignal } from '../stop-on-signal.ts';
import type { Terminal } from '../terminal.ts';
import { type DeliveryDesk, deliveryDesk } from './delivery-desk.ts';
import { httpDeps } from './http-deps.ts';
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
  const desk = deliveryDesk((id) => deliverOne(sluice, id, stopping), { atOnce: deliverersAtOnce });
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
    ]);
  } finally {
    await Promise.all([desk.idle(), server.close()]);
    stopping.over();
  }
};

/** Of the pulls' time: what is left over is compared after the next pull. */
const comparisonMs = 140_000;

const withinMinutes = ({ clock }: Sluice, { limits }: Stopping): Stopping['limits'] => {
  const untilMs = clock.nowMs() + comparisonMs;
  return { ...limits, remainingMs: () => Math.min(limits.remainingMs(), untilMs - clock.nowMs()) };
};

const deliverOne = async (sluice: Sluice, id: string, stopping: Stopping): Promise<void> => {
  if (stopping.asked.aborted) return;
  try {
    const subscription = await sluice.roster.get(id);
    if (subscription) await deliverTo(sluice, subscription, stopping.limits);
  } catch (error) {
    const passes = error instanceof SluiceError && error.actor === 'next-run';
    sluice.telemetry.notice(passes ? 'warn' : 'error', explained(error), { subscription: id });
  }
};

/** A mistake of ours in one subscription must not stop the others, but shows its stack. */
const explained = (error: unknown): string =>
  messageOf(error instanceof SluiceError || !(error instanceof Error) ? error : (error.stack ?? error));

/** Wake-ups that stay in this process; with a queue elsewhere they are its business. */
const handOver = ({ queue }: Sluice, desk: DeliveryDesk): void => {
  for (const id of queue.take?.() ?? []) desk.wake(id);
};

/** Retries fall due between two pulls: a look at the due index each second, which is one read of a local file. */
const wakeWhatIsDue = async (sluice: Sluice, desk: DeliveryDesk, { asked }: Stopping): Promise<void> => {
  const { clock, config } = sluice;
  const everyMs = config.state.kind === 'sqlite' ? 1000 : config.pullIntervalSeconds * 1000;
  while (!asked.aborted) {
    await clock.sleep(everyMs, asked);
    if (asked.aborted) return;
    try {
      await wakeSubscriptions(sluice);
    } catch (error) {
      // The pull meets the same trouble and says it.
      if (!(error instanceof SluiceError)) throw error;
    }
    handOver(sluice, desk);
  }
};
