import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../shared/core/segment.ts';
import { chainHash } from '../../shared/core/subscription-state.ts';
import { signWebhook, subscriptionSecret } from '../../shared/core/webhook/signature.ts';
import { subscriptionKey } from '../../shared/core/webhook/webhook-key.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { aWebhook } from '../support/a-webhook.ts';
import { answers, type Received, receiver } from '../support/receiver.ts';
import { hasCryptography, type Stored, type Verifier, verifiers } from '../support/stand-alone-verifiers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { aSubscription, aWorld, hitsFrom } from '../support/world.ts';

const [oldKey, newKey] = ['o'.repeat(40), 'n'.repeat(40)];
const oldSecret = subscriptionSecret(oldKey, 'acme-soc');
const newSecret = subscriptionSecret(newKey, 'acme-soc');

/** Five batches as they come over the wire: the second twice, the secret changed before the third, the old one dropped before the fifth. */
const delivered = async (): Promise<readonly Stored[]> => {
  await using endpoint = await receiver();
  const world = aWorld({ hits: hitsFrom('2026-03-01T11:00:00Z', 9) });
  await world.pull();
  const subscription = aSubscription({ batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 } });
  const secrets = memorySecrets({ rootKey: oldKey });
  let onlyNew = false;
  const given = {
    get: async (name: 'rootKey' | 'elasticsearch') => (onlyNew ? { current: newKey } : secrets.get(name)),
  };
  const destination = aWebhook(endpoint.url, { secrets: given });
  const send: typeof destination.send = async (batch, attempt) => {
    if (batch.sequence === 2) endpoint.answerWith(answers.status(attempt.number === 1 ? 500 : 200));
    if (batch.sequence === 3) secrets.rotate('rootKey', newKey);
    if (batch.sequence === 5) onlyNew = true;
    return destination.send(batch, attempt);
  };
  await world.deliver(subscription, { ...destination, send });
  world.clock.advance(60_000);
  await world.deliver(subscription, { ...destination, send });
  return endpoint.received.map(storedForm);
};

/** Two batches, signed in both schemes and sent with gzip; their bodies stored in base64. */
const compressed = async (): Promise<readonly Stored[]> => {
  await using endpoint = await receiver();
  const world = aWorld({ hits: hitsFrom('2026-03-01T11:00:00Z', 4) });
  await world.pull();
  const subscription = aSubscription({ batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 } });
  const secrets = memorySecrets({ rootKey: newKey });
  const destination = aWebhook(endpoint.url, { secrets, signatures: ['v1', 'v1a'], compression: 'gzip' });
  await world.deliver(subscription, destination);
  return endpoint.received.map(({ headers, body }) => ({ headers, body: body.toString('base64') }));
};
/** Three batches of two events; the receiver took the second, its answer was lost, and the format was changed before the next attempt. */
const changedAfterLostAnswer = async () => {
  await using endpoint = await receiver();
  const world = aWorld({ hits: hitsFrom('2026-03-01T11:00:00Z', 6) });
  await world.pull();
  const subscription = aSubscription({ batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 } });
  const destination = aWebhook(endpoint.url, { secrets: memorySecrets({ rootKey: oldKey }) });
  const send: typeof destination.send = async (batch, attempt) => {
    const outcome = await destination.send(batch, attempt);
    return batch.sequence === 2 ? { kind: 'retry', answer: 'the answer was lost' } : outcome;
  };
  await world.deliver(subscription, { ...destination, send });
  world.clock.advance(60_000);
  await world.deliver({ ...subscription, format: 'ecs-flat' }, destination);
  const deliveries = endpoint.received.map(storedForm);
  return { deliveries, chain: chainOf(deliveries.toSpliced(1, 1)), lost: deliveries[1]?.headers['webhook-id'] };
};

const intactTwo = { status: 0, said: expect.stringMatching(/^intact: .*batches 1 to 2, 4 events/), stderr: '' };

const chainOf = (deliveries: readonly Stored[]): string =>
  deliveries.reduce((hash, { body }) => chainHash(hash, sha256Hex(body)), '0'.repeat(64));

const storedForm = ({ headers, body }: Received): Stored => ({ headers, body: body.toString() });

const verdictOf = async (
  { command, path }: Verifier,
  deliveries: readonly Stored[],
  secrets: readonly string[] = [oldSecret, newSecret],
) => {
  const file = join(await temporaryFolder(), 'deliveries.ndjson');
  writeFileSync(file, deliveries.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const env = { ...process.env, SLUICE_WEBHOOK_SECRET: secrets.join(' ') };
  const { status, stdout, stderr } = spawnSync(command, [path, file], { env, encoding: 'utf8' });
  return { status, said: stdout.replaceAll(file, 'FILE').trimEnd(), stderr };
};

const changed = (deliveries: readonly Stored[], at: number, change: (stored: Stored) => Stored): readonly Stored[] =>
  deliveries.map((each, place) => (place === at ? change(each) : each));

describe.each(verifiers)('the stand-alone verifier in $language', { timeout: 60_000 }, (verifier) => {
  it('finds real deliveries intact: one sent twice, a secret changed in between, in whatever order they are stored', async () => {
    const deliveries = await delivered();
    expect(deliveries).toHaveLength(6);
    const chain = chainOf(deliveries.toSpliced(2, 1));
    const intact = {
      status: 0,
      said: `intact: subscription acme-soc, batches 1 to 5, 9 events, 6 deliveries, chain ${chain}`,
      stderr: '',
    };
    expect(await verdictOf(verifier, deliveries)).toEqual(intact);
    expect(await verdictOf(verifier, deliveries.toReversed())).toEqual(intact);
  });

  it('needs either secret while both sign, and the one that signed otherwise', async () => {
    const deliveries = await delivered();
    expect((await verdictOf(verifier, deliveries.slice(0, 5), [oldSecret])).status).toBe(0);
    expect(await verdictOf(verifier, deliveries, [oldSecret])).toMatchObject({
      status: 1,
      said: 'broken: FILE:6: no secret made any of its signatures: it was altered, or sent by somebody else',
    });
    expect((await verdictOf(verifier, deliveries, [newSecret])).said).toMatch(/^broken: FILE:1: no secret/);
  });

  it('names the first break', async () => {
    const all = await delivered();
    const said = async (deliveries: readonly Stored[]) => {
      const verdict = await verdictOf(verifier, deliveries);
      expect({ status: verdict.status, stderr: verdict.stderr }).toEqual({ status: 1, stderr: '' });
      return verdict.said;
    };
    const flip = (stored: Stored): Stored => ({
      ...stored,
      body: stored.body.replace('closer.security', 'closer.Security'),
    });
    expect(await said(changed(all, 3, flip))).toMatch(/^broken: FILE:4: no secret made any/);
    const noId = ({ headers: { 'webhook-id': _, ...headers }, body }: Stored): Stored => ({ headers, body });
    expect(await said(changed(all, 0, noId))).toBe('broken: FILE:1: it has no webhook-id');
    const noTime = (stored: Stored): Stored => ({
      ...stored,
      headers: { ...stored.headers, 'webhook-timestamp': 'now' },
    });
    expect(await said(changed(all, 0, noTime))).toBe('broken: FILE:1: its webhook-timestamp is no number');
    const noBody = ({ headers }: Stored): Stored => ({ headers }) as unknown as Stored;
    expect(await said(changed(all, 2, noBody))).toBe('broken: FILE:3: it is no stored delivery');
    expect(await said(all.toSpliced(3, 1))).toBe(
      'broken: subscription acme-soc, batch 3: it is missing; batch 4 is the next one there is',
    );
    expect(await said(all.slice(1))).toMatch(/batch 1: it is missing; batch 2 is the next one there is$/);
    const swapped = changed(
      changed(all, 3, () => all[4] as Stored),
      4,
      () => all[3] as Stored,
    );
    expect((await verdictOf(verifier, swapped)).status).toBe(0);
  });

  it('tells what was signed rightly and still does not follow: another sequence, another content of one batch', async () => {
    const all = await delivered();
    const resigned =
      (change: (body: string) => string, id?: string) =>
      (stored: Stored): Stored => {
        const body = change(stored.body);
        const name = id ?? stored.headers['webhook-id'] ?? '';
        const timestampSeconds = Number(stored.headers['webhook-timestamp']);
        const signature = signWebhook({ id: name, timestampSeconds, body: Buffer.from(body), secrets: [oldSecret] });
        return { headers: { ...stored.headers, 'webhook-id': name, 'webhook-signature': signature }, body };
      };
    const sequenceOf = (from: number, to: number) => (body: string) =>
      body.replace(`"sequence":${from}`, `"sequence":${to}`);
    const swapped = changed(changed(all, 3, resigned(sequenceOf(3, 4))), 4, resigned(sequenceOf(4, 3)));
    expect((await verdictOf(verifier, swapped)).said).toMatch(
      /batch 3: it follows on [0-9a-f]{64}, but before it comes [0-9a-f]{64}$/,
    );
    const alert = (body: string): string => body.replace('"kind":"event"', '"kind":"alert"');
    const last = [...all, ...all.slice(5).map(resigned(alert, 'msg_other'))];
    expect((await verdictOf(verifier, last)).said).toMatch(
      /batch 5: there are two with different content, msg_[\w-]+ and msg_other$/,
    );
    const sameId = [...all, ...all.slice(3, 4).map(resigned(alert))];
    expect((await verdictOf(verifier, sameId)).said).toMatch(/batch 3: there are two with different content, msg_/);
    const forged = all.slice(3, 4).map(resigned(alert, 'msg_other'));
    expect(await verdictOf(verifier, [...all, ...forged])).toMatchObject({
      status: 0,
      said: expect.stringMatching(/^intact: .* 9 events, 7 deliveries, superseded: msg_other of batch 3, chain /),
    });
    const onForged = chainOf([...all.slice(0, 2), ...forged]);
    const goesOn = all
      .slice(4, 5)
      .map(resigned((body) => body.replace(/"previous":"[0-9a-f]{64}"/, `"previous":"${onForged}"`), 'msg_next'));
    expect((await verdictOf(verifier, [...all, ...forged, ...goesOn])).said).toMatch(
      /batch 3: there are two with different content, msg_[\w-]+ and msg_other$/,
    );
    const altered = changed(all, 3, resigned(alert));
    expect((await verdictOf(verifier, altered)).said).toMatch(/batch 4: it follows on/);
  });

  it('takes of two contents of one batch the one that the next follows on, and names the other: its answer was lost, then the subscription changed', async () => {
    const { deliveries, lost, chain } = await changedAfterLostAnswer();
    const intact = {
      status: 0,
      said: `intact: subscription acme-soc, batches 1 to 3, 6 events, 4 deliveries, superseded: ${lost} of batch 2, chain ${chain}`,
      stderr: '',
    };
    expect(await verdictOf(verifier, deliveries)).toEqual(intact);
    expect(await verdictOf(verifier, deliveries.toReversed())).toEqual(intact);
  });

  it.each([
    [0, 'taken'],
    [300, 'taken'],
    [-300, 'taken'],
    [301, 'its webhook-timestamp is more than 300 s from now'],
    [-301, 'its webhook-timestamp is more than 300 s from now'],
  ])('judges a delivery that comes %i s after it was sent', async (seconds, verdict) => {
    const [delivery] = await delivered();
    const env = { ...process.env, SLUICE_WEBHOOK_SECRET: oldSecret };
    const words = verifier.asking(JSON.stringify(delivery), seconds);
    const { stdout, stderr } = spawnSync(verifier.command, words, { env, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: `${verdict}\n`, stderr: '' });
  });

  it('takes compressed bodies in base64', async () => {
    const stored = await compressed();
    expect(await verdictOf(verifier, stored, [newSecret])).toEqual(intactTwo);
    expect((await verdictOf(verifier, stored, [oldSecret])).status).toBe(1);
  });

  it.skipIf(verifier.language === 'Python' && !hasCryptography)(
    'takes a public key for a secret (Python: needs the package cryptography)',
    async () => {
      const stored = await compressed();
      const keyOf = (rootKey: string): string => subscriptionKey(rootKey, 'acme-soc').publicKey;
      expect(await verdictOf(verifier, stored, [keyOf(newKey)])).toEqual(intactTwo);
      expect(await verdictOf(verifier, stored, [keyOf(oldKey)])).toEqual({
        status: 1,
        said: expect.stringMatching(/^broken: FILE:1: no secret made any/),
        stderr: '',
      });
    },
  );

  it('explains itself when it is given nothing', () => {
    const { command, path } = verifier;
    const { status, stdout, stderr } = spawnSync(command, [path], {
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('Usage: SLUICE_WEBHOOK_SECRET=');
  });

  it.each([
    ['empty', '', 1, 'nothing to verify: no batch of events was stored\n', ''],
    ['blank', '\n \n', 1, 'nothing to verify: no batch of events was stored\n', ''],
    [
      'no UTF-8',
      Buffer.from('{"headers":{},"body":"\xff"}\n', 'latin1'),
      1,
      'broken: FILE:1: it is no stored delivery\n',
      '',
    ],
    ['missing', undefined, 2, '', 'FILE cannot be read. Check the path and its permissions.\n'],
  ])('says in one sentence that a file is %s', async (_, content, status, stdout, stderr) => {
    const file = join(await temporaryFolder(), 'deliveries.ndjson');
    if (content !== undefined) writeFileSync(file, content);
    const env = { ...process.env, SLUICE_WEBHOOK_SECRET: oldSecret };
    const said = spawnSync(verifier.command, [verifier.path, file], { env, encoding: 'utf8' });
    const plain = (text: string): string => text.replaceAll(file, 'FILE');
    expect({ status: said.status, stdout: plain(said.stdout), stderr: plain(said.stderr) }).toEqual({
      status,
      stdout,
      stderr,
    });
  });

  it('explains itself when it is asked to', () => {
    const env = { ...process.env, SLUICE_WEBHOOK_SECRET: oldSecret };
    const { status, stderr } = spawnSync(verifier.command, [verifier.path, '--help'], { env, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^Usage: .*\n$/) });
  });

  it('is one file of fewer than 150 lines that needs nothing but its language', () => {
    const text = readFileSync(verifier.path, 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThan(150);
    const imports = [...text.matchAll(/^(?:import .*from '([^']+)'|(?:from|import) ([a-z_0-9]+))/gm)].map(
      ([, ts, py]) => ts ?? py ?? '',
    );
    const standard = ['__future__', 'base64', 'hashlib', 'hmac', 'json', 'os', 'sys', 'typing', 'zlib'];
    expect(imports.filter((name) => !name.startsWith('node:') && !standard.includes(name))).toEqual([]);
    expect(imports.length).toBeGreaterThan(2);
  });
});
