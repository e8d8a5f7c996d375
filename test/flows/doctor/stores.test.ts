/** Findings whose cause cannot be made for real in a test: a full disk, a flood of events, a queue that nobody empties. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Hit } from '../../../shared/core/event.ts';
import { destinationCheck } from '../../../shared/flows/doctor/check-destination.ts';
import { judgeFolder } from '../../../shared/flows/doctor/check-folder.ts';
import { queueCheck } from '../../../shared/flows/doctor/check-queue.ts';
import { secretsCheck } from '../../../shared/flows/doctor/check-secrets.ts';
import {
  diskCheck,
  journalBytesPerDay,
  measureVolume,
  type Volume,
  volumeCheck,
} from '../../../shared/flows/doctor/check-volume.ts';
import type { Check } from '../../../shared/flows/doctor/run-checks.ts';
import type { DestinationFacts, FolderFacts, QueueDiagnosis } from '../../../shared/ports/diagnosis.ts';
import { memorySecrets } from '../../fakes/memory-secrets.ts';
import { memorySource } from '../../fakes/memory-source.ts';
import { recordingClock } from '../../fakes/recording-clock.ts';
import { aSubscription, hitsFrom, plainRead } from '../../support/world.ts';

const only = async (check: Check) => {
  const findings = await check.run(new AbortController().signal);
  expect(findings).toHaveLength(1);
  return findings[0];
};

describe('volume', () => {
  const volume = (eventsLastDay: number, sample: Partial<Volume['sample']> = {}): Volume => ({
    eventsLastDay,
    sample: { events: 200, unreadable: 0, unattributed: 0, bytes: 20_000, ...sample },
  });

  it.each([
    [0, 'ok', 'No event of the last 24 hours.'],
    [144_000, 'ok', 'About 100 events a minute (144 000 events in 24 hours); a day adds about 14.4 MB to the journal'],
    [500_000_000, 'warning', 'After an outage one pull catches up slowly'],
    [900_000_000, 'problem', 'more than one pull keeps up with'],
  ])('%i events a day: %s', async (events, verdict, message) => {
    const finding = await only(volumeCheck(async () => volume(events)));
    expect(finding).toMatchObject({ verdict, message: expect.stringContaining(message) });
  });

  it('warns of events that cannot be read', async () => {
    const findings = await volumeCheck(async () => volume(1000, { unreadable: 3 })).run(new AbortController().signal);
    expect(findings.at(-1)).toMatchObject({
      check: 'volume/unreadable',
      verdict: 'warning',
      message: '3 of the newest 200 are no events that can be read.',
    });
  });

  it('says nothing of a source that cannot be read, which has its own check', async () => {
    expect(await volumeCheck(async () => undefined).run(new AbortController().signal)).toEqual([]);
  });

  it('is measured as pull sees it: the last day alone, the newest events, and the view is freed', async () => {
    const startMs = Date.parse('2026-03-02T12:00:00Z');
    const clock = recordingClock({ startMs });
    const padded = (hit: Hit): Hit => ({ ...hit, _id: `${hit._id}-${randomBytes(64).toString('hex')}` });
    const hits = [...hitsFrom('2026-03-01T11:00:00Z', 100), ...hitsFrom('2026-03-02T11:00:00Z', 300)].map(padded);
    const source = memorySource({ id: 'closer', clock, hits });
    const measured = await measureVolume({ source, clock, read: plainRead });
    expect(measured).toMatchObject({ eventsLastDay: 300, sample: { events: 200, unreadable: 0, unattributed: 0 } });
    expect(journalBytesPerDay(measured)).toBeCloseTo((measured.sample.bytes * 300) / 200);
    expect(measured.sample.bytes).toBeGreaterThan(200 * 64);
    expect(source.openWalks()).toBe(0);
  });
});

describe('the disk of the journal', () => {
  const folder = (freeBytes: number): FolderFacts => ({ state: 'folder', path: '/j', writable: true, freeBytes });
  const aDay = { eventsLastDay: 1_000_000, sample: { events: 100, unreadable: 0, unattributed: 0, bytes: 10_000 } };

  it.each([
    [50_000_000, 'problem', '50.0 MB are free, less than a day needs (100 MB): pull will stop.'],
    [300_000_000, 'warning', '300 MB are free, enough for 3 d.'],
    [10_000_000_000, 'ok', '10.0 GB are free, enough for 100 d.'],
  ])('with %i bytes free and 100 MB a day: %s', async (freeBytes, verdict, message) => {
    expect(
      await only(
        diskCheck(
          async () => folder(freeBytes),
          async () => aDay,
        ),
      ),
    ).toMatchObject({ verdict, message });
  });

  it('is judged by itself when the source does not answer', async () => {
    const unknown = () => Promise.reject(new Error('down'));
    expect(await only(diskCheck(async () => folder(100_000_000), unknown))).toMatchObject({ verdict: 'warning' });
    expect(await only(diskCheck(async () => folder(1_000_000_000), unknown))).toMatchObject({ verdict: 'ok' });
  });

  it.each([
    ['folder', 'may not be read and written by this user'],
    ['absent', 'may not be made by this user'],
  ] as const)('a %s that is not ours is a problem', (state, words) => {
    expect(judgeFolder('journal', { state, path: '/j', writable: false, freeBytes: 1 })).toMatchObject({
      verdict: 'problem',
      message: `/j ${words}.`,
    });
  });
});

describe('the queue', () => {
  const queue = (facts: Awaited<ReturnType<QueueDiagnosis['look']>>) => only(queueCheck({ look: async () => facts }));
  const sqs = (waiting: number, deadLetters: 'set' | 'none' = 'set') =>
    queue({ kind: 'seen', value: { kind: 'sqs', waiting, underWay: 2, deadLetters } });

  it('is well, has nobody who empties it, or has no dead letters', async () => {
    expect(await sqs(3)).toMatchObject({ verdict: 'ok', message: 'SQS answers; 3 wake-ups wait, 2 are handled.' });
    expect(await sqs(1001)).toMatchObject({ verdict: 'warning', message: '1 001 wake-ups wait and 2 are handled.' });
    expect(await sqs(0, 'none')).toMatchObject({ verdict: 'warning' });
  });

  it('that may not be looked at is a warning with the reason', async () => {
    expect(await queue({ kind: 'hidden', reason: 'sqs:GetQueueAttributes is not allowed' })).toMatchObject({
      verdict: 'warning',
      message: 'It cannot be checked: sqs:GetQueueAttributes is not allowed.',
    });
  });
});

describe('a destination', () => {
  const nowMs = Date.UTC(2026, 0, 1);
  const dayMs = 86_400_000;
  const judged = (facts: DestinationFacts) =>
    only(
      destinationCheck(
        aSubscription(),
        { description: 'https://hooks.acme.example', look: async () => facts },
        recordingClock({ startMs: nowMs }),
      ),
    );

  it.each([
    [13, 'warning', 'https://hooks.acme.example answers; its certificate ends in 13 d.'],
    [15, 'ok', 'https://hooks.acme.example answers over TLS; its certificate holds for 15 d.'],
  ])('whose certificate ends in %i days: %s', async (days, verdict, message) => {
    expect(
      await judged({ kind: 'connected', address: '192.0.2.1', certificateEndsMs: nowMs + days * dayMs }),
    ).toMatchObject({ verdict, message });
  });

  it('whose bucket may not be listed is a warning, not a problem', async () => {
    expect(await judged({ kind: 'hidden', reason: 's3:ListBucket is not allowed' })).toMatchObject({
      verdict: 'warning',
      message: expect.stringContaining('cannot be checked: s3:ListBucket is not allowed.'),
    });
  });
});

describe('secrets', () => {
  it('in the middle of a rotation are said to be that, and never shown', async () => {
    const secrets = memorySecrets({ rootKey: { current: 'canary-new', previous: 'canary-old' } });
    const findings = await secretsCheck(secrets, { source: 'elasticsearch', where: 'Secret s', file: 'there' }).run(
      new AbortController().signal,
    );
    expect(findings.map(({ message }) => message)).toEqual([
      'Secret s holds the root key and the one before it: both sign until the rotation is over.',
      'Secret s holds none for Elasticsearch: it is asked without credentials.',
    ]);
    expect(JSON.stringify(findings)).not.toContain('canary');
  });
});
