/** What the receivers have at the end, subscription by subscription. */
import { createHash } from 'node:crypto';
import { type Checkpoint, checkpointPartition } from '../../../shared/core/checkpoint.ts';
import {
  deadLetterPartition,
  type SubscriptionState,
  subscriptionPartition,
} from '../../../shared/core/subscription-state.ts';
import { members, tenantsOf } from '../cast.ts';
import type { Received } from '../receiver.ts';
import type { JournaledEvent, SeenSegment, Witness } from '../witness.ts';
import { type SimulatedWorld, sourceId } from '../world.ts';

type Member = (typeof members)[number];

const every = '*';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const checkDeliveries = async ({ witness, records }: SimulatedWorld): Promise<void> => {
  checkContents(witness);
  const checkpoint = (await records.get(checkpointPartition, sourceId))?.value as Checkpoint | undefined;
  if (checkpoint?.head !== witness.segments.length && witness.segments.length > 0)
    witness.fail('the checkpoint ends where the journal ends', `${checkpoint?.head} of ${witness.segments.length}`);
  for (const member of members) {
    const state = (await records.get(subscriptionPartition, member.id))?.value as SubscriptionState | undefined;
    if (!state) {
      witness.fail('every subscription has a state', member.id);
      continue;
    }
    const letters = await records.range(deadLetterPartition(member.id), { limit: 1000 });
    const buried = letters.map(({ value }) => (value as { readonly event: string }).event);
    checkSubscription(witness, member, state, buried);
  }
};

/** A receiver drops what it has seen by its id, so one id is one content for ever. */
const checkContents = ({ requests, fail }: Witness): void => {
  const contents = new Map<string, string>();
  for (const { webhookId, sha256: content, subscription } of requests) {
    const before = contents.get(webhookId);
    if (before !== undefined && before !== content)
      fail('each webhook-id has one content', `${subscription} ${webhookId}`);
    contents.set(webhookId, content);
  }
};

const checkSubscription = (
  witness: Witness,
  member: Member,
  state: SubscriptionState,
  buried: readonly string[],
): void => {
  const requests = witness.requests.filter(({ subscription }) => subscription === member.id);
  const accepted = requests.filter(({ status }) => status === 200);
  const offered = offeredTo(member, witness.segments, state);
  checkAccounts(witness, member, state, offered);
  checkChain(witness, member, state, accepted);
  checkContent(witness, member, requests);
  checkComplete(witness, member, accepted, buried, offered);
  checkOrder(witness, member, accepted);
  checkRepeats(witness, member, requests);
  for (const event of buried)
    if (!requests.some(({ events, status }) => status !== 200 && events.length === 1 && events[0] === event))
      witness.fail('a dead letter was refused by its receiver, alone', `${member.id}: ${event}`);
  if (buried.length !== state.counts.deadLetters)
    witness.fail('every dead letter is counted once', `${member.id}: ${buried.length} of ${state.counts.deadLetters}`);
};

interface Offered extends JournaledEvent {
  readonly round: number;
}

/** What the journal holds for a subscription from where it began, in order. */
const offeredTo = (
  { tenant }: Member,
  segments: readonly SeenSegment[],
  { begin }: SubscriptionState,
): readonly Offered[] =>
  segments
    .filter(({ manifest }) => manifest.seq >= begin.segment)
    .flatMap(({ manifest, events, round }) =>
      events
        .filter((event) => (tenant === every ? manifest.kind !== 'reattributed' : event.tenant === tenant))
        .map((event) => ({ ...event, round })),
    );

const checkAccounts = (
  { segments, fail }: Witness,
  { id }: Member,
  { cursor, counts, begin }: SubscriptionState,
  offered: readonly Offered[],
): void => {
  if (cursor.segment !== Math.max(segments.length + 1, begin.segment) || cursor.index !== 0)
    fail(
      'a subscription comes to the end of the journal',
      `${id} stands at ${cursor.segment}.${cursor.index} of ${segments.length}`,
    );
  const sum = counts.delivered + counts.filtered + counts.deadLetters;
  if (sum !== offered.length)
    fail(
      'delivered, filtered and dead letters are what was journaled',
      `${id}: ${JSON.stringify(counts)} of ${offered.length}`,
    );
};

/** The chain of what was accepted leads, batch by batch, to where the state says it stands. */
const checkChain = (
  { fail }: Witness,
  { id }: Member,
  { sequence, chain, counts }: SubscriptionState,
  accepted: readonly Received[],
): void => {
  const walk = (at: number, previous: string, delivered: number): boolean => {
    if (at > sequence) return previous === chain && delivered === counts.delivered;
    const next = accepted.filter((one) => one.sequence === at && one.previous === previous);
    const contents = new Map(next.map((one) => [one.sha256, one.events.length]));
    return [...contents].some(([content, events]) =>
      walk(at + 1, sha256(`${previous}\n${content}`), delivered + events),
    );
  };
  if (!walk(1, '0'.repeat(64), 0))
    fail(
      'the chain of a subscription is what its receiver accepted',
      `${id}, ${sequence} batches, ${counts.delivered} events`,
    );
};

/** Nobody receives what is another's, nor what the settings of its sender did not ask for. */
const checkContent = ({ documents, fail }: Witness, { id, tenant }: Member, requests: readonly Received[]): void => {
  for (const { events, revision } of requests)
    for (const event of events) {
      const known = documents.get(event);
      if (!known) {
        fail('nothing is delivered that was never written', `${id}: ${event}`);
        continue;
      }
      if (tenant !== every && !tenantsOf[known.owner].includes(tenant))
        fail('no event crosses tenants', `${id} got ${event} of ${known.owner}`);
      if (revision.wants !== undefined && known.outcome !== revision.wants)
        fail('nothing is delivered that the filter does not want', `${id}: ${event}`);
    }
};

/** Which outcomes were asked for while an event could be delivered; what all of them want must come. */
const checkComplete = (
  { revisions, fail }: Witness,
  { id }: Member,
  accepted: readonly Received[],
  buried: readonly string[],
  offered: readonly Offered[],
): void => {
  const got = new Set([...accepted.flatMap(({ events }) => events), ...buried]);
  const log = revisions.get(id) ?? [];
  for (const { event, outcome, round } of offered) {
    const inForce = log.filter(({ from }, at) => from >= round || at === log.findLastIndex((one) => one.from < round));
    if (inForce.every(({ wants }) => wants === undefined || wants === outcome) && !got.has(event))
      fail('every subscription receives every matching event', `${id} never got ${event}`);
  }
};

/**
 * First acceptances follow the journal: segment by segment, and within a segment from its first event to its last. With another filter what
 * lay between comes later.
 */
const checkOrder = ({ segments, fail }: Witness, { id, tenant }: Member, accepted: readonly Received[]): void => {
  const place = new Map<string, number>();
  for (const { manifest, events } of segments)
    for (const { event, tenant: owner } of events)
      if (tenant === every ? manifest.kind !== 'reattributed' : owner === tenant) place.set(event, place.size);
  const last = new Map<string | undefined, number>();
  const seen = new Set<string>();
  for (const { events, revision } of accepted)
    for (const event of events) {
      if (seen.has(event)) continue;
      seen.add(event);
      const at = place.get(event) ?? -1;
      if (at < (last.get(revision.wants) ?? -1)) fail('events come in the order of the journal', `${id}: ${event}`);
      last.set(revision.wants, at);
    }
};

/**
 * An event that was accepted comes again only as the same bytes under the same id, unless its batch had to be cut anew: the settings were
 * changed in between, or the receiver refused the batch.
 */
const checkRepeats = ({ revisions, fail }: Witness, { id }: Member, requests: readonly Received[]): void => {
  const acceptedAs = new Map<string, { readonly webhookId: string; readonly at: number; readonly round: number }>();
  const changes = (revisions.get(id) ?? []).slice(1);
  for (const [at, { events, webhookId, status, round }] of requests.entries()) {
    if (status !== 200) continue;
    for (const event of events) {
      const before = acceptedAs.get(event);
      if (before && before.webhookId !== webhookId) {
        const wasRefused = requests.slice(before.at, at).some((one) => one.status === 400 || one.status === 413);
        const wasChanged = changes.some(({ from }) => from >= before.round && from <= round);
        if (!wasRefused && !wasChanged) fail('a repetition has the id of the first time', `${id}: ${event}`);
      }
      acceptedAs.set(event, { webhookId, at, round });
    }
  }
};
