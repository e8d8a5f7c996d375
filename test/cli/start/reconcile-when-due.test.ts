import { describe, expect, it } from 'vitest';
import { lookEveryMs, reconcileWhenDue } from '../../../cli/start/reconcile-when-due.ts';
import { OperatorMustFix, RetryLater } from '../../../shared/core/errors.ts';
import type { ReconcileLine } from '../../../shared/ports/telemetry.ts';
import { recordingClock } from '../../fakes/recording-clock.ts';
import { recordingTelemetry } from '../../support/world.ts';

const line = (result: ReconcileLine['result']): ReconcileLine => ({
  source: 'closer',
  rung: 'hour',
  result,
  minutes: 60,
  differing: 0,
  recovered: 0,
  redacted: 0,
  segments: 0,
  lateRecovered: 0,
  lateMissed: 0,
  removedAtSource: 0,
  exceptions: 0,
  completeThrough: '2026-03-01T11:55:00.000000000Z',
  lagMs: 300_000,
  durationMs: 5,
});

const aSchedule = (answers: readonly (ReconcileLine['result'] | Error)[]) => {
  const clock = recordingClock();
  const { telemetry, notices } = recordingTelemetry();
  const waiting = [...answers];
  let runs = 0;
  const look = reconcileWhenDue({
    clock,
    telemetry,
    reconcile: async () => {
      runs += 1;
      const answer = waiting.shift() ?? 'done';
      if (answer instanceof Error) throw answer;
      return line(answer);
    },
  });
  return { clock, notices, look, runs: () => runs };
};

describe('between two pulls', () => {
  it('compares at once, and then every 5 min', async () => {
    const { clock, look, runs } = aSchedule([]);
    await look();
    await look();
    expect(runs()).toBe(1);
    clock.advance(lookEveryMs);
    await look();
    expect(runs()).toBe(2);
  });

  it('goes on after the next pull where time ran out', async () => {
    const { look, runs } = aSchedule(['more', 'done']);
    await look();
    await look();
    await look();
    expect(runs()).toBe(2);
  });

  it.each([
    ['warn', new RetryLater('The source does not answer.')],
    ['error', new OperatorMustFix('No permission.')],
  ])('says trouble as %s and lets the pull go on', async (level, error) => {
    const { clock, notices, look, runs } = aSchedule([error]);
    await look();
    expect(notices).toEqual([{ level, message: error.message }]);
    await look();
    expect(runs()).toBe(1);
    clock.advance(lookEveryMs);
    await look();
    expect(runs()).toBe(2);
  });

  it('hides no mistake of ours', async () => {
    await expect(aSchedule([new TypeError('a bug')]).look()).rejects.toThrow('a bug');
  });
});
