import { afterEach, describe, expect, it, vi } from 'vitest';
import { consoleTelemetry } from '../../shared/adapters/console-telemetry.ts';
import { powertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import type { AttemptLine, DeliverLine, PullLine, ReconcileLine, Telemetry } from '../../shared/ports/telemetry.ts';

const pull: PullLine = {
  source: 'closer',
  result: 'done',
  read: 150,
  kept: 150,
  redacted: 12,
  journaled: 150,
  unattributed: 36,
  unreadable: 0,
  segments: 1,
  head: 1,
  watermark: '2026-05-05T09:27:12.529000000Z',
  lagMs: 300_000,
  durationMs: 40,
};
const attempt: AttemptLine = {
  subscription: 'acme-soc',
  tenant: 'acme',
  destination: 'https://hooks.acme.example',
  batch: 'b1',
  sequence: 3,
  attempt: 2,
  outcome: 'delivered',
  answer: '204 No Content',
  events: 1,
  bytes: 1200,
  durationMs: 12,
};
const deliver: DeliverLine = {
  subscription: 'acme-soc',
  result: 'done',
  batches: 1,
  delivered: 100,
  filtered: 50,
  deadLetters: 0,
  lagSegments: 0,
  oldestUndeliveredMs: 0,
  durationMs: 15,
};

const reconcile: ReconcileLine = {
  source: 'closer',
  rung: 'day',
  result: 'done',
  minutes: 1500,
  differing: 1,
  recovered: 2,
  redacted: 0,
  segments: 1,
  lateRecovered: 7,
  lateMissed: 3,
  removedAtSource: 4,
  exceptions: 0,
  completeThrough: '2026-05-05T09:27:12.529000000Z',
  lagMs: 300_000,
  durationMs: 40,
};

const speak = (telemetry: Telemetry) => {
  telemetry.pullRun(pull);
  telemetry.attempt(attempt);
  telemetry.deliverRun(deliver);
  telemetry.reconcileRun(reconcile);
  telemetry.notice('warn', 'Something surprising.', { source: 'closer', walked: 3 });
};

describe('the telemetry of a comparison', () => {
  const said = (parts: Partial<ReconcileLine>): readonly string[] => {
    const sentences: string[] = [];
    consoleTelemetry({ say: (line) => sentences.push(line) }).reconcileRun({ ...reconcile, ...parts });
    return sentences;
  };

  it('says nothing at a terminal where nothing was found', () => {
    expect(said({ recovered: 0, differing: 0 })).toEqual([]);
    expect(said({ recovered: 0, result: 'nothing to do' })).toEqual([]);
  });

  it('says that it stopped, or that something cannot be mended', () => {
    expect(said({ recovered: 0, result: 'more' })[0]).toContain('; stopped early, the next run goes on. Complete');
    expect(said({ recovered: 0, result: 'unmended' })[0]).toContain('; not everything could be mended, see above.');
  });
});

describe('the telemetry of a deployed function', () => {
  afterEach(() => vi.unstubAllEnvs());

  /** The logger writes through a console of its own to stdout. */
  const lines = (call: (telemetry: Telemetry) => void): Record<string, unknown>[] => {
    const written: string[] = [];
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation((chunk) => {
        written.push(String(chunk));
        return true;
      });
    call(powertoolsTelemetry());
    vi.restoreAllMocks();
    return written.map((line) => JSON.parse(line));
  };

  it('writes one JSON line per call, with the same keys always', () => {
    const [run, one, delivery, comparison, notice, ...more] = lines(speak);
    expect(run).toMatchObject({ level: 'INFO', message: 'pull', ...pull });
    expect(one).toMatchObject({ level: 'INFO', message: 'attempt', ...attempt });
    expect(delivery).toMatchObject({ level: 'INFO', message: 'deliver', ...deliver });
    expect(comparison).toMatchObject({ level: 'INFO', message: 'reconcile', ...reconcile });
    expect(notice).toMatchObject({ level: 'WARN', message: 'Something surprising.', source: 'closer', walked: 3 });
    expect(more).toEqual([]);
  });

  it('puts the metrics of a pull into its line, by source', () => {
    const [run] = lines((telemetry) => telemetry.pullRun(pull));
    expect(run).toMatchObject({ EventsRead: 150, EventsJournaled: 150, ValuesRedacted: 12, PullLag: 300_000 });
    expect(run?.['_aws']).toMatchObject({
      CloudWatchMetrics: [{ Namespace: 'Sluice', Dimensions: [['service', 'source']] }],
    });
  });

  it('puts what was found late, missed and removed into the line of a comparison, by source', () => {
    const [run] = lines((telemetry) => telemetry.reconcileRun(reconcile));
    expect(run).toMatchObject({ LateRecovered: 2, LateMissed: 3, RemovedAtSource: 4, CompletenessLag: 300_000 });
    expect(run?.['_aws']).toMatchObject({ CloudWatchMetrics: [{ Dimensions: [['service', 'source']] }] });
  });

  it('gives metrics of deliveries no dimension of a customer: each would be billed', () => {
    const [run] = lines((telemetry) => telemetry.deliverRun(deliver));
    expect(run).toMatchObject({ EventsDelivered: 100, EventsFiltered: 50, OldestUndelivered: 0 });
    expect(run?.['_aws']).toMatchObject({ CloudWatchMetrics: [{ Dimensions: [['service']] }] });
  });

  it.each([
    ['subscription failing', 'SubscriptionFailing'],
    ['subscription paused', 'SubscriptionPaused'],
    ['subscription disabled', 'SubscriptionDisabled'],
    ['disabled soon', 'SubscriptionDisabledSoon'],
    ['dead letter', 'DeadLetterBuried'],
  ] as const)('counts an alert of "%s" in a metric of its own, without a dimension of a customer', (kind, metric) => {
    const alert = {
      kind,
      subscription: 'acme-soc',
      tenant: 'acme',
      text: 'What to do.',
      at: '2026-03-01T12:00:00.000Z',
    };
    const [line] = lines((telemetry) => telemetry.alert(alert));
    expect(line).toMatchObject({ level: 'ERROR', message: 'What to do.', subscription: 'acme-soc', [metric]: 1 });
    expect(line?.['_aws']).toMatchObject({ CloudWatchMetrics: [{ Dimensions: [['service']] }] });
  });

  it('warns of an attempt that did not deliver', () => {
    const [one] = lines((telemetry) => telemetry.attempt({ ...attempt, outcome: 'retry', answer: '500' }));
    expect(one).toMatchObject({ level: 'WARN', outcome: 'retry', answer: '500' });
  });
});

describe('the telemetry of a terminal', () => {
  const said = (call: (telemetry: Telemetry) => void): string[] => {
    const lines: string[] = [];
    call(consoleTelemetry({ say: (line) => lines.push(line) }));
    return lines;
  };

  it('says each run and attempt in one line of plain words', () => {
    expect(said(speak)).toEqual([
      'closer: read 150 events, 150 new events in 1 segment, 12 secret values redacted, 36 of no known tenant. Complete up to 2026-05-05T09:27:12Z.',
      'acme-soc: batch 3 (1 event, 1200 bytes) delivered to https://hooks.acme.example in 12 ms.',
      'acme-soc: 100 events delivered in 1 batch, 50 filtered out; done.',
      'closer: compared 1500 minutes with the source, 1 minute held more there, 2 late events journaled in 1 segment, 4 removed at the source, 3 later than the horizon (sluice backfill brings them, the next reconcile counts again). Complete up to 2026-05-05T09:27:12Z.',
      'Warning: Something surprising. (source closer, walked 3)',
    ]);
  });

  it('says what the other side answered when an attempt fails', () => {
    expect(said((t) => t.attempt({ ...attempt, outcome: 'retry', answer: '500 Internal Server Error' }))).toEqual([
      'acme-soc: attempt 2 of batch 3 at https://hooks.acme.example: retry: 500 Internal Server Error',
    ]);
  });

  it('does not mention a delivery that had nothing to do', () => {
    expect(said((t) => t.deliverRun({ ...deliver, batches: 0, delivered: 0 }))).toEqual([]);
  });

  it('says that another pull is at work', () => {
    expect(said((t) => t.pullRun({ ...pull, result: 'busy' }))[0]).toContain('another pull is at work');
  });
});
