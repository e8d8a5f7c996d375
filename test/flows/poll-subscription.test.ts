import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { encodeWebhookBody } from '../../shared/core/batch-encoding.ts';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { sha256Hex } from '../../shared/core/segment.ts';
import { chainHash, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import { subscriptionSecret } from '../../shared/core/webhook/signature.ts';
import type { Destination } from '../../shared/ports/destination.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { aPolledWorld, batchIn, drained, idsIn, inTwos, textOf } from '../support/polled-world.ts';
import { aHit, aSubscription, aWorld, hitsFrom, idsOf } from '../support/world.ts';

const seven = hitsFrom('2026-03-01T09:00:00.000Z', 7);
const dayMs = 24 * 3_600_000;

describe('polling', () => {
  it('hands out the batches that a webhook would be sent: same ids, same bytes, same chain', async () => {
    const world = await aPolledWorld({ hits: seven });
    const pushed = aWorld({ hits: seven });
    const destination = memoryDestination();
    await pushed.pull();
    const send: Destination['send'] = async (batch, attempt) => {
      await destination.send(batch, attempt);
      return { kind: 'delivered', answer: '200 OK', contentSha256: sha256Hex(encodeWebhookBody(batch)) };
    };
    await pushed.deliver({ ...inTwos, destination: aSubscription().destination }, { ...destination, send });
    const batches = await drained(world);
    expect(batches.map(({ id }) => id)).toEqual(destination.accepted.map(({ id }) => id));
    expect(batches.map(({ body }) => textOf(body))).toEqual(
      destination.accepted.map((batch) => textOf(encodeWebhookBody(batch))),
    );
    expect(batches.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    const chain = batches.map(({ previous, sha256 }) => chainHash(previous, sha256));
    expect(batches.slice(1).map(({ previous }) => previous)).toEqual(chain.slice(0, -1));
    expect(await world.state()).toMatchObject({ sequence: 4, chain: chain.at(-1), counts: { delivered: 7 } });
  });

  it('repeats a batch byte for byte until it is acknowledged, whatever is journaled meanwhile', async () => {
    const world = await aPolledWorld({ hits: seven.slice(0, 1) });
    const first = batchIn(await world.poll());
    world.source.add(aHit('later', '2026-03-01T11:59:00.000Z'));
    await world.pull();
    world.clock.advance(30_000);
    const again = batchIn(await world.poll());
    expect(again.id).toBe(first.id);
    expect(textOf(again.body)).toBe(textOf(first.body));
    expect(idsIn(batchIn(await world.poll({ acknowledge: first.id })).body)).toEqual(['closer/later']);
  });

  it('is signed as a webhook is: the same receiver verifies it', async () => {
    const world = await aPolledWorld({ hits: seven });
    world.clock.advance(Date.now() - world.clock.nowMs());
    const { headers, body, sha256 } = batchIn(await world.poll());
    const rootKey = (await world.secrets.get('rootKey'))?.current ?? '';
    const verified = new Webhook(subscriptionSecret(rootKey, inTwos.id)).verify(Buffer.from(body), { ...headers });
    expect(verified).toMatchObject({ type: 'closer.security.events', data: { sequence: 1 } });
    expect(headers['content-type']).toBe('application/json');
    expect(sha256).toBe(sha256Hex(body));
  });

  it('has nothing to hand out once all is acknowledged, and counts what the filter did not want', async () => {
    const picky = { ...inTwos, filter: { action: ['agent_login'] } };
    const world = await aPolledWorld({ hits: seven }, picky);
    expect(await world.poll()).toEqual({ kind: 'nothing' });
    expect(await world.state()).toMatchObject({ counts: { delivered: 0, filtered: 7 }, cursor: { segment: 2 } });
  });

  it('lets an incomplete batch wait for company, but not longer than asked', async () => {
    const patient = { ...inTwos, batch: { maxEvents: 100, maxBytes: 1_000_000, maxDelaySeconds: 60 } };
    const world = await aPolledWorld({ hits: seven }, patient);
    expect((await world.poll()).kind).toBe('nothing');
    world.clock.advance(61_000);
    expect(batchIn(await world.poll()).events).toBe(7);
  });

  it('waits for what comes, at most 20 s, and not at all unless it is asked to', async () => {
    const world = await aPolledWorld();
    expect((await world.poll()).kind).toBe('nothing');
    expect(world.clock.waits).toEqual([]);
    expect((await world.poll({ maxWaitMs: 3_600_000 })).kind).toBe('nothing');
    expect(world.clock.waits.reduce((sum, ms) => sum + ms, 0)).toBe(20_000);
    world.source.add(aHit('new', '2026-03-01T11:59:00.000Z'));
    const sleep = async () => void (await world.pull());
    expect(idsIn(batchIn(await world.poll({ maxWaitMs: 20_000, sleep })).body)).toEqual(['closer/new']);
  });

  it('ends a wait when the caller is gone', async () => {
    const world = await aPolledWorld();
    expect((await world.poll({ maxWaitMs: 20_000, signal: AbortSignal.abort() })).kind).toBe('nothing');
    expect(world.clock.waits).toEqual([]);
  });

  it('works off a backlog of weeks', async () => {
    const world = await aPolledWorld({ hits: seven });
    const first = batchIn(await world.poll());
    world.clock.advance(40 * dayMs);
    expect(batchIn(await world.poll()).id).toBe(first.id);
    expect((await drained(world)).flatMap(({ body }) => idsIn(body))).toEqual(idsOf(seven));
  });
});

describe('an acknowledgement', () => {
  it('commits the batch and hands out the next, in one write', async () => {
    const world = await aPolledWorld({ hits: seven });
    const first = batchIn(await world.poll());
    const before = await world.records.get(subscriptionPartition, inTwos.id);
    const next = await world.poll({ acknowledge: first.id });
    expect(next).toMatchObject({ kind: 'batch', acknowledged: 'now', batch: { sequence: 2 } });
    expect((await world.records.get(subscriptionPartition, inTwos.id))?.version).toBe((before?.version ?? 0) + 1);
    expect(await world.state()).toMatchObject({
      sequence: 1,
      health: { status: 'active', failures: 0, lastSuccessAtMs: world.clock.nowMs() },
      counts: { delivered: 2 },
    });
  });

  it('said twice is harmless, and says so', async () => {
    const world = await aPolledWorld({ hits: seven });
    const { id } = batchIn(await world.poll());
    const once = await world.poll({ acknowledge: id });
    const twice = await world.poll({ acknowledge: id });
    expect(twice).toEqual({ ...once, acknowledged: 'before' });
    expect((await world.state()).sequence).toBe(1);
  });

  it('of a batch that was not handed out last is refused: nothing is committed, and the one that waits is named', async () => {
    const world = await aPolledWorld({ hits: seven });
    expect(await world.poll({ acknowledge: 'msg_of_nobody' })).toEqual({ kind: 'unknown acknowledgement' });
    const first = batchIn(await world.poll());
    const second = batchIn(await world.poll({ acknowledge: first.id }));
    const third = batchIn(await world.poll({ acknowledge: second.id }));
    const before = await world.state();
    for (const id of ['msg_of_nobody', first.id, ''])
      expect(await world.poll({ acknowledge: id })).toEqual({ kind: 'unknown acknowledgement', handedOut: third.id });
    expect(await world.state()).toEqual(before);
  });

  it('commits what was handed out even if the subscription has been changed since', async () => {
    const world = await aPolledWorld({ hits: seven });
    const old = batchIn(await world.poll());
    const changed = { ...inTwos, format: 'ecs-flat' } as const;
    const next = batchIn(await world.poll({ acknowledge: old.id, as: changed }));
    expect(next).toMatchObject({ sequence: 2, previous: chainHash(old.previous, old.sha256) });
  });

  it('is not needed of a batch that was cut anew: a changed subscription hands it out under another id', async () => {
    const world = await aPolledWorld({ hits: seven });
    const old = batchIn(await world.poll());
    const anew = batchIn(await world.poll({ as: { ...inTwos, format: 'ecs-flat' } }));
    expect(anew.sequence).toBe(old.sequence);
    expect(anew.id).not.toBe(old.id);
    expect((await world.poll({ acknowledge: old.id })).kind).toBe('unknown acknowledgement');
  });

  it('is recorded although the journal cannot be read on', async () => {
    const world = await aPolledWorld({ hits: seven });
    const { id } = batchIn(await world.poll());
    const lines = () => Promise.reject(new OperatorMustFix('segment 1 is missing'));
    const from = { lines, viewedLines: lines };
    await expect(world.poll({ acknowledge: id, from })).rejects.toThrow('segment 1 is missing');
    expect((await world.state()).sequence).toBe(1);
    expect(await world.poll({ acknowledge: id })).toMatchObject({ acknowledged: 'before', batch: { sequence: 2 } });
  });

  it('whose answer was lost is found as one that was said before', async () => {
    const world = await aPolledWorld({ hits: seven });
    const { id } = batchIn(await world.poll());
    world.records.failNext('after', 'compareAndSet');
    await expect(world.poll({ acknowledge: id })).rejects.toThrow(RetryLater);
    expect(await world.poll({ acknowledge: id })).toMatchObject({ acknowledged: 'before', batch: { sequence: 2 } });
  });

  it('is in the log of attempts and in the telemetry, as a delivery', async () => {
    const world = await aPolledWorld({ hits: seven });
    const { id, body } = batchIn(await world.poll());
    world.clock.advance(1_500);
    await world.poll({ acknowledge: id });
    const line = { batch: id, sequence: 1, outcome: 'delivered', answer: 'acknowledged', events: 2, durationMs: 1_500 };
    expect(world.attempts).toMatchObject([{ ...line, destination: 'poll', bytes: body.length }]);
    const logged = await world.records.range(`attempt/${inTwos.id}`, { limit: 10 });
    expect(logged.map(({ value }) => value)).toMatchObject([line]);
  });
});
