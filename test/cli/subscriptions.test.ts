/** `npx sluice subscriptions`: for an operator, over all tenants, by the flows of the API. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Created } from '../../shared/flows/manage/create-subscription.ts';
import type { SubscriptionView } from '../../shared/flows/manage/subscription-view.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { answers, type Receiver, receiver } from '../support/receiver.ts';

const aPlace = (): Promise<CommandLine> => commandLine({ SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8' });

/** Repeats the token of a challenge; takes all else, until it is told to answer otherwise. */
const anEndpoint = async (): Promise<Receiver> => {
  const hook: Receiver = await receiver({
    answer: (response) => {
      const { type, data } = JSON.parse(hook.received.at(-1)?.body.toString() ?? '{}');
      response.end(type === 'closer.security.challenge' ? data.challenge : 'thanks');
    },
  });
  return hook;
};

const create = (sluice: CommandLine, url: string): Promise<Created> =>
  sluice.json(['subscriptions', 'create', '--tenant', 'aurora', '--webhook', url, '--start', 'beginning']);
const show = (sluice: CommandLine, id: string): Promise<SubscriptionView> => sluice.json(['subscriptions', 'show', id]);

/** A webhook that has answered its challenge and received what is there. */
const aProvenWebhook = async () => {
  const [sluice, hook] = [await aPlace(), await anEndpoint()];
  const { subscription, signing } = await create(sluice, hook.url);
  await sluice(['pull']);
  await sluice(['deliver']);
  return { sluice, hook, id: subscription.id, signing };
};

describe('a subscription made on the command line', () => {
  it('is pending until its endpoint has answered the challenge, then receives', async () => {
    const [sluice, hook] = [await aPlace(), await anEndpoint()];
    await using _ = hook;
    const { subscription, signing } = await create(sluice, hook.url);
    expect(subscription).toMatchObject({ state: 'pending', tenant: 'aurora', managed: 'api' });
    expect(signing?.secret).toMatch(/^whsec_/);
    expect(hook.received).toEqual([]);
    await sluice(['pull']);
    await sluice(['deliver']);
    expect(await show(sluice, subscription.id)).toMatchObject({ state: 'active', progress: { delivered: 55 } });
    const { stdout, stderr } = await sluice(['status']);
    expect(stdout).toContain(`${subscription.id}: active, caught up; 55 delivered`);
    expect(stderr).toBe('');
  });

  it('prints its id and its secret, what is for people goes to stderr, and no path of a URL anywhere', async () => {
    const sluice = await aPlace();
    const url = 'https://hooks.aurora.example.com/canary-path';
    const { code, stdout, stderr } = await sluice(['subscriptions', 'create', '--tenant', 'aurora', '--webhook', url]);
    const [id = '', secret, ...more] = stdout.split('\n');
    expect({ code, more }).toEqual({ code: 0, more: [''] });
    expect(id).toMatch(/^aurora-[a-z2-7]{12}$/);
    expect(stderr).toContain('Nothing but a challenge is sent');
    expect((await sluice(['subscriptions', 'secret', id])).stdout).toBe(`${secret}\n`);
    const said = [stdout, stderr];
    for (const words of [['list'], ['show', id], ['list', '--json'], ['show', id, '--json'], ['attempts', id]])
      said.push(...Object.values(await sluice(['subscriptions', ...words])).map(String));
    expect(said.join('\n')).not.toContain('canary-path');
  });

  it('is written as JSON too, from a file or piped in', async () => {
    const sluice = await aPlace();
    const written = { tenant: 'baltic', filter: { outcome: 'failure' }, destination: { type: 'poll' } };
    writeFileSync(join(sluice.cwd, 'wish.json'), JSON.stringify(written));
    const one = await sluice.json<Created>(['subscriptions', 'create', 'wish.json']);
    const two = await sluice.json<Created>(['subscriptions', 'create', '-'], JSON.stringify(written));
    for (const { subscription, signing } of [one, two]) {
      expect(subscription).toMatchObject({ tenant: 'baltic', state: 'active', filter: { outcome: 'failure' } });
      expect(signing?.secret, 'what is polled is signed too').toMatch(/^whsec_/);
    }
    const { subscriptions } = await sluice.json<{ subscriptions: SubscriptionView[] }>(['subscriptions']);
    expect(subscriptions.map(({ id }) => id)).toEqual([one.subscription.id, two.subscription.id].sort());
    expect((await sluice(['subscriptions', 'list', '--tenant', 'aurora'])).stderr).toContain('No subscriptions');
  });

  it('is tested, breaks, says why in its attempts, is mended, resumed and replayed', async () => {
    const { sluice, hook, id } = await aProvenWebhook();
    await using _ = hook;
    expect((await sluice(['subscriptions', 'test', id])).stdout).toMatch(/^delivered {2}\d+ ms {2}200 OK/);
    const broken = answers.status(500, {}, 'out of\u001b[2J order');
    hook.answerWith(broken, broken);
    const failed = await sluice(['subscriptions', 'test', id]);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/^retry .*500/);
    await sluice(['subscriptions', 'replay', id, '--from', '1']);
    await sluice(['deliver']);
    const attempts = await sluice(['subscriptions', 'attempts', id, '--limit', '1']);
    expect(attempts.stdout).toMatch(/ {2}batch {2}retry {2}500 {2}\d+ ms {2}try 1 {2}55 events {2}msg_\S+ {2}500 /);
    expect(attempts.stdout).not.toContain('\u001b');
    expect(attempts.stderr).toMatch(/^There is more: --after \S+\n$/);
    expect(await show(sluice, id)).toMatchObject({ progress: { failures: 1 } });
    expect((await sluice(['subscriptions', 'show', id])).stdout).toMatch(/failing +1 time in a row, tried again at 20/);
    await sluice(['subscriptions', 'resume', id]);
    await sluice(['deliver']);
    expect(await show(sluice, id)).toMatchObject({ state: 'active', progress: { delivered: 55, sequence: 2 } });
  });

  it('is paused with a reason, and nothing is sent until it is resumed', async () => {
    const { sluice, hook, id } = await aProvenWebhook();
    await using _ = hook;
    const before = hook.received.length;
    const paused = await sluice(['subscriptions', 'pause', id, '--reason', 'moving house']);
    expect(paused.stdout).toMatch(/state +paused by an operator at \S+: moving house/);
    await sluice(['subscriptions', 'replay', id, '--from', '1']);
    await sluice(['deliver']);
    expect(hook.received).toHaveLength(before);
    expect((await sluice(['status'])).stdout).toContain(`${id}: paused, `);
    await sluice(['subscriptions', 'resume', id]);
    await sluice(['deliver']);
    expect(hook.received).toHaveLength(before + 1);
  });

  it('is changed by what is named, unless somebody else changed it first', async () => {
    const sluice = await aPlace();
    const { subscription } = await create(sluice, 'https://hooks.aurora.example.com/a');
    const { id } = subscription;
    const change = ['subscriptions', 'change', id, '--filter', 'event.outcome: failure', '--max-events', '10'];
    expect(await sluice.json([...change, '--if-version', '1'])).toMatchObject({
      version: 2,
      filter: { q: 'event.outcome: failure' },
      batch: { maxEvents: 10 },
      destination: { url: 'https://hooks.aurora.example.com' },
    });
    const stale = await sluice([...change, '--if-version', '1']);
    expect({ code: stale.code, stdout: stale.stdout }).toEqual({ code: 1, stdout: '' });
    expect(stale.stderr).toContain('is at version 2 now. Nothing was done');
    const patch = await sluice.json<SubscriptionView>(['subscriptions', 'change', id, '-'], '{"filter":null}');
    expect(patch.filter).toBeUndefined();
  });

  it('has another secret after a rotation, and is gone once it is deleted', async () => {
    const { sluice, hook, id, signing } = await aProvenWebhook();
    await using _ = hook;
    const rotated = await sluice(['subscriptions', 'rotate-secret', id, '--overlap', '7d']);
    expect(rotated.stdout).toMatch(/^whsec_\S+\n$/);
    expect(rotated.stdout.trim()).not.toBe(signing?.secret);
    expect(rotated.stderr).toContain('Both secrets sign until 20');
    expect((await sluice(['subscriptions', 'delete', id])).code).toBe(0);
    expect(await sluice(['subscriptions', 'show', id])).toMatchObject({ code: 2, stdout: '' });
    expect((await sluice(['subscriptions'])).stderr).toContain('No subscriptions');
  });

  it('has the one event that its receiver refuses among its dead letters, to be sent again or given up', async () => {
    const sluice = await aPlace();
    await using hook = await anEndpoint();
    const written = {
      tenant: 'aurora',
      start: 'beginning',
      batch: { maxEvents: 1 },
      destination: { type: 'webhook', url: hook.url },
    };
    const { subscription } = await sluice.json<Created>(['subscriptions', 'create', '-'], JSON.stringify(written));
    const { id } = subscription;
    await sluice(['deliver']);
    await sluice(['pull']);
    hook.answerWith(answers.status(422, {}, 'no such field'), answers.status(422, {}, 'nor this'));
    await sluice(['deliver']);
    const list = ['subscriptions', 'dead-letters', 'list', id];
    const { deadLetters } = await sluice.json<{ deadLetters: { id: string; event: string; answer: string }[] }>(list);
    const [first, second] = ['no such field', 'nor this'].map((said) =>
      deadLetters.find(({ answer }) => answer.includes(said)),
    );
    expect(deadLetters).toHaveLength(2);
    const opened = await sluice.json(['subscriptions', 'dead-letters', 'show', id, first?.id ?? '']);
    expect(opened).toMatchObject({ event: first?.event, content: { event: { id: first?.event } } });
    await sluice(['subscriptions', 'dead-letters', 'retry', id, first?.id ?? '']);
    await sluice(['deliver']);
    const given = await sluice([
      'subscriptions',
      'dead-letters',
      'discard',
      id,
      second?.id ?? '',
      '--reason',
      'a test',
    ]);
    expect(given.code).toBe(0);
    expect(await sluice.json(list)).toEqual({ deadLetters: [] });
    expect((await sluice(['status'])).code, 'accounts add up').toBe(0);
  });
});
