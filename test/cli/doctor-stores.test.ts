/** What `doctor` says when state, journal or destinations are broken: each is broken for real. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sqliteRecordStore } from '../../shared/adapters/sqlite-record-store.ts';
import type { Checkpoint } from '../../shared/core/checkpoint.ts';
import type { Reconciliation } from '../../shared/core/reconcile.ts';
import type { SubscriptionState } from '../../shared/core/subscription-state.ts';
import type { Finding } from '../../shared/flows/doctor/finding.ts';
import { type Place, pulledPlaces, subscribe } from '../support/pulled-place.ts';
import { receiver } from '../support/receiver.ts';
import { sluice } from '../support/sluice-process.ts';

/** A port of this machine that nobody answers at: reserved, and given to no service. */
const closedPort = 1024;

const aPulledPlace = pulledPlaces();

const diagnosed = async (place: Place, check: string) => {
  const { code, stdout } = await sluice(['doctor', '--json'], place);
  expect(stdout).not.toContain('canary');
  const findings: readonly Finding[] = JSON.parse(stdout);
  const { verdict, message, remedy } = findings.find((finding) => finding.check === check) ?? {};
  return { code, verdict, message, remedy };
};

const stateOf = ({ cwd }: Place): string => join(cwd, '.sluice/state.sqlite');

/** Changes a record behind everybody's back. */
const spoil = async (place: Place, partition: string, id: string, change: (value: object) => object): Promise<void> => {
  const store = sqliteRecordStore({ path: stateOf(place) });
  const { value = {}, version = 0 } = (await store.get(partition, id)) ?? {};
  await store.compareAndSet({ partition, id, value: change(Object(value)) }, version);
  store.close();
};

const journalFile = ({ cwd }: Place, folder: 'manifests' | 'segments', last = -1): string => {
  const path = join(cwd, '.sluice/journal', folder, 'samples');
  return join(path, readdirSync(path).sort().at(last) ?? '');
};

describe('a state', () => {
  it.each([
    ['is no database', 'no database at all '.repeat(500), 'is not a SQLite database.'],
    ['lost its content', '', 'is empty: its content was lost.'],
  ])('that %s', async (_, text, message) => {
    const place = await aPulledPlace();
    writeFileSync(stateOf(place), text);
    expect(await diagnosed(place, 'state')).toEqual({
      code: 2,
      verdict: 'problem',
      message: `State file ${stateOf(place)} ${message}`,
      remedy: expect.stringContaining('npx sluice rebuild-checkpoint'),
    });
    expect(await diagnosed(place, 'subscription/aurora-soc')).toMatchObject({
      verdict: 'warning',
      message: 'Not checked: the state cannot be used.',
    });
    expect(readFileSync(stateOf(place), 'utf8')).toBe(text);
  });

  it('that is lost while its journal is there', async () => {
    const place = await aPulledPlace();
    rmSync(stateOf(place));
    expect(await diagnosed(place, 'checkpoint')).toMatchObject({
      code: 2,
      verdict: 'problem',
      message: expect.stringContaining('holds no checkpoint of source "samples", but'),
      remedy: 'Restore the state from a backup, or run: npx sluice rebuild-checkpoint',
    });
    expect(readdirSync(join(place.cwd, '.sluice'))).not.toContain('state.sqlite');
  });

  const tomorrow = '2999-01-01T00:00:00.000000000Z';
  it.each([
    ['is in the future', (value: object) => ({ ...value, watermark: tomorrow }), 'is in the future (2999-01-01'],
    ['cannot be read', () => ({ watermark: 'canary' }), 'cannot be read.'],
    ['is ahead of the journal', (value: object) => ({ ...value, head: 99 }), '99'],
  ])('whose checkpoint %s', async (_, change, message) => {
    const place = await aPulledPlace();
    await spoil(place, 'checkpoint', 'samples', change);
    expect(await diagnosed(place, 'checkpoint')).toMatchObject({
      code: 2,
      verdict: 'problem',
      message: expect.stringContaining(message),
      remedy: expect.stringMatching(/rebuild-checkpoint|SLUICE_JOURNAL_URL/),
    });
  });

  it('whose last pull is long ago', async () => {
    const place = await aPulledPlace();
    const scannedAt = new Date(Date.now() - 3 * 86_400_000).toISOString();
    await spoil(place, 'checkpoint', 'samples', (value) => ({ ...value, scannedAt }) satisfies Partial<Checkpoint>);
    expect(await diagnosed(place, 'checkpoint')).toMatchObject({
      code: 1,
      verdict: 'warning',
      message: expect.stringContaining('no pull has reached its end for 3 d.'),
    });
  });

  it('whose source showed events too late', async () => {
    const place = await aPulledPlace();
    const missed = { lateMissed: 7 } satisfies Partial<Reconciliation>;
    await spoil(place, 'reconcile', 'samples', (value) => ({ ...value, ...missed }));
    expect(await diagnosed(place, 'reconcile')).toMatchObject({
      code: 1,
      verdict: 'warning',
      message: expect.stringContaining('7 events became visible later than the horizon and are not delivered.'),
      remedy: expect.stringContaining('npx sluice backfill --from … --to …'),
    });
  });

  it('that was never compared with its source', async () => {
    const place = await aPulledPlace();
    await spoil(place, 'reconcile', 'samples', () => ({}));
    expect(await diagnosed(place, 'reconcile')).toMatchObject({
      code: 1,
      verdict: 'warning',
      remedy: expect.stringContaining('npx sluice reconcile'),
    });
  });
});

describe('a journal', () => {
  it('one of whose manifests was altered', async () => {
    const place = await aPulledPlace();
    const path = journalFile(place, 'manifests');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"count":', '"count":1'));
    expect(await diagnosed(place, 'journal')).toMatchObject({
      code: 2,
      verdict: 'problem',
      message: expect.stringContaining('is not what was appended: its hash does not match its content.'),
      remedy: expect.stringContaining('Restore it from a backup'),
    });
  });

  it.each([
    [
      'was altered',
      (path: string) => writeFileSync(path, readFileSync(path).fill(0, 100, 101)),
      'not what was appended',
    ],
    ['is missing', (path: string) => rmSync(path), 'missing'],
  ])('whose newest segment %s', async (_, harm, words) => {
    const place = await aPulledPlace();
    const { object } = JSON.parse(readFileSync(journalFile(place, 'manifests'), 'utf8'));
    harm(join(place.cwd, '.sluice/journal', object));
    expect(await diagnosed(place, 'journal')).toMatchObject({
      code: 2,
      verdict: 'problem',
      message: expect.stringContaining(`/${object}, the newest segment, is ${words}.`),
    });
  });

  it('whose first manifest is missing', async () => {
    const place = await aPulledPlace();
    rmSync(journalFile(place, 'manifests', 0));
    expect(await diagnosed(place, 'journal')).toMatchObject({ code: 2, verdict: 'problem' });
    expect(await diagnosed(place, 'checkpoint')).toMatchObject({ verdict: 'problem' });
    const { stdout, stderr } = await sluice(['doctor'], place);
    expect(stdout.match(/^problem .*hole|^problem .*missing/gm), 'the same cause, printed once').toHaveLength(1);
    expect(stderr).toMatch(/^\d problems?, /);
  });

  it('where a file stands in the place of the folder', async () => {
    const place = await aPulledPlace();
    writeFileSync(join(place.cwd, 'file'), '');
    const env = { ...place.env, SLUICE_JOURNAL_URL: 'file:file' };
    expect(await diagnosed({ ...place, env }, 'journal')).toEqual({
      code: 2,
      verdict: 'problem',
      message: `${join(place.cwd, 'file')} is a file where a folder belongs.`,
      remedy: 'Move it away, or choose another folder.',
    });
  });
});

describe('a destination', () => {
  it('that is a folder where a file stands', async () => {
    const place = await aPulledPlace();
    writeFileSync(join(place.cwd, 'file'), '');
    subscribe(place, { type: 'folder', path: 'file/below' });
    expect(await diagnosed(place, 'destination/aurora-soc')).toMatchObject({
      code: 2,
      verdict: 'problem',
      message: `${join(place.cwd, 'file')} is a file where a folder belongs.`,
    });
  });

  it('that nobody answers for, named without its path', async () => {
    const place = await aPulledPlace();
    subscribe(place, { type: 'webhook', url: `http://127.0.0.1:${closedPort}/canary-path` });
    expect(await diagnosed(place, 'destination/aurora-soc')).toEqual({
      code: 2,
      verdict: 'problem',
      message: `http://127.0.0.1:${closedPort}: No connection (ECONNREFUSED).`,
      remedy: 'Ask the receiver whether it runs and lets our addresses in.',
    });
  });

  it('that answers is reached, and sent nothing', async () => {
    const place = await aPulledPlace();
    await using server = await receiver();
    subscribe(place, { type: 'webhook', url: server.url });
    expect(await diagnosed(place, 'destination/aurora-soc')).toMatchObject({ code: 0, verdict: 'ok' });
    expect({ connections: server.connections(), received: server.received }).toEqual({ connections: 1, received: [] });
  });

  it('that speaks no TLS', async () => {
    const place = await aPulledPlace();
    await using server = await receiver();
    subscribe(place, { type: 'webhook', url: `https://127.0.0.1:${server.port}/canary-path` });
    expect(await diagnosed(place, 'destination/aurora-soc')).toMatchObject({
      code: 2,
      message: expect.stringContaining('It does not speak TLS there'),
    });
  });
});

describe('a subscription', () => {
  const health = (change: Partial<SubscriptionState['health']>) => (value: object) => ({
    ...value,
    health: { ...(value as SubscriptionState).health, ...change },
  });
  const hourAgoMs = Date.now() - 3_600_000;

  it.each([
    [
      'fails',
      health({ failures: 4, failingSinceMs: hourAgoMs, lastAnswer: '503 Service Unavailable', retryAtMs: hourAgoMs }),
      {
        code: 1,
        verdict: 'warning',
        message: /^It fails for 1 h \(4 times in a row\), caught up\. Its last answer: 503 /,
      },
    ],
    [
      'is paused',
      health({ status: 'paused', failures: 1, lastAnswer: '401 Unauthorized' }),
      { code: 2, verdict: 'problem', message: /^It is paused, caught up\. Its last answer: 401 Unauthorized$/ },
    ],
    [
      'is disabled',
      health({ status: 'disabled' }),
      { code: 2, verdict: 'problem', message: /^It is disabled, caught up\.$/ },
    ],
  ])('that %s', async (_, change, expected) => {
    const place = await aPulledPlace();
    await spoil(place, 'subscription', 'aurora-soc', change);
    const found = await diagnosed(place, 'subscription/aurora-soc');
    expect(found).toMatchObject({ ...expected, message: expect.stringMatching(expected.message) });
    if (expected.code === 2) expect(found.remedy).toContain('npx sluice subscriptions resume aurora-soc');
  });

  it('that is behind says how far, one that is new says where it begins', async () => {
    const place = await aPulledPlace();
    await spoil(place, 'subscription', 'aurora-soc', (value) => ({ ...value, cursor: { segment: 1, index: 0 } }));
    expect((await diagnosed(place, 'subscription/aurora-soc')).message).toMatch(
      /^It is \d+ segments? behind, the oldest journaled \d+ s ago;/,
    );
    subscribe(place, { type: 'folder', path: 'out' }, 'aurora-new');
    expect(await diagnosed(place, 'subscription/aurora-new')).toMatchObject({
      code: 0,
      message: "It is new: it begins at the journal's beginning with the next pull.",
    });
  });

  it('whose state cannot be read', async () => {
    const place = await aPulledPlace();
    await spoil(place, 'subscription', 'aurora-soc', () => ({ cursor: 'canary' }));
    expect(await diagnosed(place, 'subscription/aurora-soc')).toMatchObject({
      code: 2,
      verdict: 'problem',
      message: expect.stringContaining('The state of subscription "aurora-soc"'),
    });
  });
});
