import type { DeadLetter } from '../../core/dead-letter.ts';
import type { EcsEvent } from '../../core/event.ts';
import type { Subscription } from '../../core/subscription.ts';
import { gatherBatch } from '../deliver/gather-batch.ts';
import { viewOf } from '../deliver/wants.ts';
import type { Journal } from '../journal/open-journal.ts';

/** Events that are looked through for the one: in older letters those that were filtered out lie around it. */
const mostEvents = 20_000;
const mostBytes = 67_108_864;

/**
 * The event of a dead letter as it would travel, ECS nested: what a subscription hides is hidden here too. `undefined` when the journal does
 * not hold it any more.
 */
export const eventOfLetter = async (
  journal: Journal,
  { fields, personalData, tenant }: Subscription,
  { event, from, to }: DeadLetter,
): Promise<unknown> => {
  if (!from || !to || from.segment < (await journal.oldest())) return undefined;
  const form = { format: 'ecs', ...(fields && { fields }), ...(personalData && { personalData }) } as const;
  const view = viewOf(form, { notBefore: undefined, notAfter: undefined });
  const options = { tenant, view, maxEvents: mostEvents, maxBytes: mostBytes, until: to };
  const { lines } = await gatherBatch(journal, from, options);
  for (const line of lines) {
    const parsed = JSON.parse(Buffer.from(line).toString('utf8')) as EcsEvent;
    if (parsed.event.id === event) return parsed;
  }
  return undefined;
};
