import { describe, expect, it } from 'vitest';
import { attemptPartition, type Tried } from '../../../shared/core/attempt.ts';
import { attemptsOf, logAttempt } from '../../../shared/flows/deliver/log-attempt.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { recordingClock } from '../../fakes/recording-clock.ts';

const nowMs = Date.parse('2026-03-01T09:00:00.000Z');
const triedAt = (at: number): Tried => ({
  kind: 'batch',
  batch: `msg_${at}`,
  number: 1,
  events: 1,
  outcome: { kind: 'delivered', answer: '200 OK' },
  startedAtMs: nowMs + at,
  endedAtMs: nowMs + at + 1,
});

const aLog = () => {
  const clock = recordingClock({ startMs: nowMs });
  const records = memoryRecordStore({ clock });
  const notices: string[] = [];
  const telemetry = { notice: (level: string, message: string) => void notices.push(`${level}: ${message}`) };
  return { records, clock, notices, log: (at: number) => logAttempt({ records, telemetry }, 'acme-soc', triedAt(at)) };
};

describe('the log of attempts', () => {
  it('gives them out the newest first, page by page', async () => {
    const { records, log } = aLog();
    for (const at of [1, 2, 3, 4, 5]) await log(at);
    const first = await attemptsOf(records, 'acme-soc', { limit: 2 });
    expect(first.map(({ batch }) => batch)).toEqual(['msg_5', 'msg_4']);
    const after = first.at(-1)?.id ?? '';
    const rest = await attemptsOf(records, 'acme-soc', { after, limit: 10 });
    expect(rest.map(({ batch }) => batch)).toEqual(['msg_3', 'msg_2', 'msg_1']);
    expect(await attemptsOf(records, 'acme', { limit: 10 })).toEqual([]);
  });

  it('keeps each for 30 days', async () => {
    const { records, clock, log } = aLog();
    await log(0);
    clock.advance(30 * 24 * 3_600_000);
    expect(await attemptsOf(records, 'acme-soc', { limit: 10 })).toHaveLength(1);
    clock.advance(1_000);
    expect(await attemptsOf(records, 'acme-soc', { limit: 10 })).toEqual([]);
  });

  it('that cannot be written is a notice, and holds nothing up', async () => {
    const { records, notices, log } = aLog();
    records.failNext('before');
    await log(1);
    expect(notices).toEqual([expect.stringMatching(/^warn: An attempt of subscription "acme-soc" is missing/)]);
    await log(2);
    expect(await attemptsOf(records, 'acme-soc', { limit: 10 })).toHaveLength(1);
  });

  it('passes over what is no attempt any more', async () => {
    const { records, log } = aLog();
    await log(1);
    await records.compareAndSet({ partition: attemptPartition('acme-soc'), id: '0', value: null }, 0);
    expect(await attemptsOf(records, 'acme-soc', { limit: 10 })).toHaveLength(1);
  });
});
