import { describe, expect, it } from 'vitest';
import type { Sluice } from '../../../cli/compose.ts';
import { runUntilStopped } from '../../../cli/start/run-until-stopped.ts';
import { inlineWorkQueue } from '../../../shared/adapters/inline-work-queue.ts';
import { readConfig } from '../../../shared/config/settings.ts';
import { openJournal } from '../../../shared/flows/journal/open-journal.ts';
import type { Destination } from '../../../shared/ports/destination.ts';
import { type MemoryDestination, memoryDestination } from '../../fakes/memory-destination.ts';
import { memorySecrets } from '../../fakes/memory-secrets.ts';
import { memorySource } from '../../fakes/memory-source.ts';
import { aRoster } from '../../support/a-roster.ts';
import { drivenClock } from '../../support/driven-clock.ts';
import { aHit, aSubscription, aWorld, hitsFrom, plainRead, recordingTelemetry } from '../../support/world.ts';

const minuteMs = 60_000;

/** `start` over fakes, pulling every ten minutes. */
const aStart = (
  destinations: Readonly<Record<string, Destination>>,
  { records, blobs: journalStore }: Pick<ReturnType<typeof aWorld>, 'records' | 'blobs'> = aWorld(),
) => {
  const clock = drivenClock(Date.parse('2026-03-01T12:00:00Z'));
  const source = memorySource({ id: 'closer', clock, hits: hitsFrom('2026-03-01T11:00:00Z', 3) });
  const recorded = recordingTelemetry();
  const tenants = { attribute: () => 'acme', ids: ['acme'] };
  const sluice: Sluice = {
    config: readConfig({ SLUICE_HTTP_PORT: '0', SLUICE_PULL_INTERVAL_SECONDS: '600' }, { cwd: '/' }),
    clock,
    source,
    journal: openJournal({ store: journalStore, source: 'closer' }),
    journalStore,
    records: { ...records, close: () => {} },
    secrets: memorySecrets({ rootKey: 'k'.repeat(44) }),
    queue: inlineWorkQueue(),
    reader: async () => plainRead,
    evidenceOf: async () => undefined,
    tenants,
    directory: { current: async () => tenants },
    roster: aRoster(Object.keys(destinations).map((id) => aSubscription({ id }))),
    telemetry: recorded.telemetry,
    destinationOf: async ({ id }) => destinations[id] ?? memoryDestination(),
  };
  let press = (): void => {};
  const terminal = {
    say: () => {},
    exitNow: () => {},
    onStop: (callback: () => void) => {
      press = callback;
      return () => {};
    },
  };
  const stopped = runUntilStopped(sluice, terminal, { listening: () => {} });
  return { ...recorded, source, journalStore, clock, stopped, press: () => press() };
};

/** Lets time pass second by second, as it does. */
const passing = async (clock: ReturnType<typeof drivenClock>, ms: number) => {
  for (let passed = 0; passed < ms; passed += 1000) await clock.pass(1000);
};

const eventsAt = (destination: MemoryDestination) => destination.lines().length;

describe('start', () => {
  it('pulls at once, delivers, and pulls again after the interval', async () => {
    const soc = memoryDestination();
    const { source, clock, stopped, press, pulls } = aStart({ soc });
    await expect.poll(() => eventsAt(soc)).toBe(3);
    for (const hit of hitsFrom('2026-03-01T12:00:01Z', 2)) source.add(hit);
    await passing(clock, 9 * minuteMs);
    expect(pulls).toHaveLength(1);
    await passing(clock, 2 * minuteMs);
    await expect.poll(() => eventsAt(soc)).toBe(5);
    expect(pulls).toHaveLength(2);
    press();
    await stopped;
  });

  it('delivers what the process before had woken and not delivered, though nothing new comes', async () => {
    const world = aWorld({ hits: hitsFrom('2026-03-01T11:00:00Z', 3) });
    await world.pull();
    await world.wake([aSubscription({ id: 'soc' })]);
    expect(world.queue.take()).toEqual(['soc']);
    const soc = memoryDestination();
    const { clock, stopped, press, pulls } = aStart({ soc }, world);
    await expect.poll(() => pulls.length).toBe(1);
    await passing(clock, 2000);
    await expect.poll(() => eventsAt(soc)).toBe(3);
    expect(pulls).toMatchObject([{ journaled: 0 }]);
    press();
    await stopped;
  });

  it('compares with the source between pulls: what became visible late is delivered too', async () => {
    const soc = memoryDestination();
    const { source, clock, stopped, press, reconciliations } = aStart({ soc });
    await expect.poll(() => reconciliations.length).toBe(1);
    source.add(aHit('late', '2026-03-01T11:30:00Z'));
    await passing(clock, 11 * minuteMs);
    await expect.poll(() => eventsAt(soc)).toBe(4);
    expect(reconciliations.at(-1)).toMatchObject({ rung: 'hour', recovered: 1 });
    press();
    await stopped;
  });

  it('signs a head within minutes, and the next one an hour later when there is something new', async () => {
    const { source, journalStore, clock, stopped, press } = aStart({ soc: memoryDestination() });
    const heads = () => journalStore.names().filter((name) => name.startsWith('heads/closer/'));
    await passing(clock, 10 * minuteMs);
    expect(heads()).toHaveLength(1);
    source.add(aHit('new', '2026-03-01T12:10:00Z'));
    await passing(clock, 50 * minuteMs);
    expect(heads()).toHaveLength(1);
    await passing(clock, 10 * minuteMs);
    expect(heads()).toHaveLength(2);
    press();
    await stopped;
  });

  it('says that no head can be signed, and goes on with everything else', async () => {
    const soc = memoryDestination();
    const { journalStore, clock, stopped, press, notices } = aStart({ soc });
    journalStore.failWhen((operation, name) =>
      operation === 'putIfAbsent' && name.startsWith('heads/') ? 'before' : undefined,
    );
    await passing(clock, 10 * minuteMs);
    expect(notices).toContainEqual({ level: 'warn', message: expect.stringContaining('No head was signed') });
    expect(eventsAt(soc)).toBe(3);
    press();
    await stopped;
  });

  it('tries a failed delivery again when it is due, not when the next pull comes', async () => {
    const soc = memoryDestination({ script: ['retry', 'retry'] });
    const { clock, stopped, press, pulls } = aStart({ soc });
    await expect.poll(() => soc.attempts.length).toBe(1);
    await passing(clock, 8000);
    expect(soc.attempts).toHaveLength(2);
    await passing(clock, 6.5 * minuteMs);
    expect(eventsAt(soc)).toBe(3);
    expect(pulls).toHaveLength(1);
    expect(new Set(soc.attempts.map(({ batch }) => batch.id)).size).toBe(1);
    press();
    await stopped;
  });

  it('lets nobody wait for a receiver that never answers', async () => {
    const silent: Destination = {
      ...memoryDestination(),
      send: (_, { signal }) =>
        new Promise((resolve) =>
          signal?.addEventListener('abort', () => resolve({ kind: 'retry', answer: 'stopped' })),
        ),
    };
    const others = Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, memoryDestination()]));
    const { clock, stopped, press } = aStart({ silent, ...others });
    await expect.poll(() => Object.values(others).map(eventsAt)).toEqual([3, 3, 3, 3]);
    press();
    await passing(clock, 8000);
    await stopped;
  });
});
