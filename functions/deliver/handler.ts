import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { readWakeUp } from '../../shared/adapters/wake-up-message.ts';
import { messageOf, OperatorMustFix } from '../../shared/core/errors.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { type DeliverDeps, deliverSubscription } from '../../shared/flows/deliver-subscription.ts';
import type { Roster } from '../../shared/flows/roster.ts';
import type { Destination } from '../../shared/ports/destination.ts';
import type { DeliverLine } from '../../shared/ports/telemetry.ts';
import type { WorkQueue } from '../../shared/ports/work-queue.ts';

export interface DeliverFunction extends Omit<DeliverDeps, 'destination'> {
  readonly queue: WorkQueue;
  readonly roster: Roster;
  readonly destinationOf: (subscription: Subscription) => Promise<Destination>;
}

type Clocked = Pick<Context, 'getRemainingTimeInMillis'>;

/** Without a queue: how many subscriptions are delivered at the same time. */
const atOnce = 8;

/**
 * Delivers what waits. With messages of the queue: for the subscriptions they name, each once, and the answer lists the messages
 * that must come again. Without any (a schedule, `sls invoke local`): for all subscriptions, and the answer says what became of each.
 * @throws AggregateError without messages: what went wrong, after every subscription had its turn
 */
export const deliverHandler =
  (ready: Promise<DeliverFunction>) =>
  async (
    event: unknown,
    context: Clocked,
  ): Promise<SQSBatchResponse | { readonly subscriptions: readonly DeliverLine[] }> => {
    const deps = await ready;
    return isFromQueue(event) ? answerMessages(deps, event.Records, context) : deliverAll(deps, context);
  };

const isFromQueue = (event: unknown): event is SQSEvent =>
  typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);

const answerMessages = async (
  deps: DeliverFunction,
  records: readonly SQSRecord[],
  context: Clocked,
): Promise<SQSBatchResponse> => {
  // Messages of one subscription share their fate, as the order within a message group asks for.
  const groups = Map.groupBy(records, ({ body }) => readWakeUp(body)?.subscription);
  const failed = await Promise.all(
    [...groups].map(async ([id, messages]) => {
      const handled = id === undefined ? refuse(deps, messages) : await handle(deps, id, context);
      return handled ? [] : messages;
    }),
  );
  return { batchItemFailures: failed.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
};

/** Left to the queue, which moves it to its dead letters. */
const refuse = ({ telemetry }: DeliverFunction, messages: readonly SQSRecord[]): false => {
  for (const { messageId } of messages)
    telemetry.notice(
      'error',
      'A message of the queue is not a wake-up. It ends in the dead-letter queue: look at who sent it.',
      { messageId },
    );
  return false;
};

/** @returns whether the messages may be deleted */
const handle = async (deps: DeliverFunction, id: string, context: Clocked): Promise<boolean> => {
  try {
    const subscription = await deps.roster.get(id);
    if (!subscription) {
      deps.telemetry.notice('warn', `Subscription "${id}" was woken, but is there no more. Nothing was sent.`);
      return true;
    }
    const { result, batches } = await deliver(deps, subscription, context);
    // The rest gets a time budget of its own; in the meantime others had their turn.
    if (result === 'out of time' && batches > 0) await deps.queue.wake(id, `rest/${deps.clock.nowMs()}`);
    return true;
  } catch (error) {
    deps.telemetry.notice(error instanceof OperatorMustFix ? 'error' : 'warn', messageOf(error), { subscription: id });
    return false;
  }
};

const deliverAll = async (
  deps: DeliverFunction,
  context: Clocked,
): Promise<{ readonly subscriptions: readonly DeliverLine[] }> => {
  const lines: DeliverLine[] = [];
  const failures: unknown[] = [];
  const waiting = (await deps.roster.all()).values();
  const deliverOne = async (id: string): Promise<void> => {
    const subscription = await deps.roster.get(id);
    if (subscription) lines.push(await deliver(deps, subscription, context));
  };
  const worker = async (): Promise<void> => {
    for (const { id } of waiting) await deliverOne(id).catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length > 0) throw new AggregateError(failures, failures.map(messageOf).join('\n'));
  return { subscriptions: lines };
};

const deliver = async (deps: DeliverFunction, subscription: Subscription, context: Clocked): Promise<DeliverLine> =>
  deliverSubscription({ ...deps, destination: await deps.destinationOf(subscription) }, subscription, {
    remainingMs: () => context.getRemainingTimeInMillis(),
  });
