import { gzipSync } from 'node:zlib';
import { type Hit, type ReadEvent, unattributed } from '../../core/event.ts';
import { instantFromMs } from '../../core/instant.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FolderFacts } from '../../ports/diagnosis.ts';
import type { Source } from '../../ports/source.ts';
import { settled } from '../settled.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Check } from './run-checks.ts';
import { bytes, count } from './words.ts';

export interface Volume {
  readonly eventsLastDay: number;
  /** Newest events of the last day that were read, and what became of them. */
  readonly sample: {
    readonly events: number;
    readonly unreadable: number;
    readonly unattributed: number;
    readonly bytes: number;
  };
}

const dayMs = 86_400_000;
const sampleSize = 200;

/** Events per second that one pull took from a local server on one core (docs/performance.md), rounded down. */
const onePullPerSecond = 10_000;

/**
 * The last day as pull would see it: preflight, a view that is opened and freed again, and the newest events read, redacted and packed as
 * for the journal. Nothing of them is kept.
 */
export const measureVolume = async (deps: {
  readonly source: Source;
  readonly clock: Clock;
  readonly read: (hit: Hit, readAt: string) => ReadEvent;
}): Promise<Volume> => {
  const { source, clock, read } = deps;
  await source.preflight();
  const nowMs = clock.nowMs();
  const range = { from: instantFromMs(nowMs - dayMs), to: instantFromMs(nowMs) };
  const walk = await source.open({ range, order: 'desc' });
  try {
    const page = await walk.page(undefined, sampleSize);
    const events = page.kind === 'page' ? page.hits.map((hit) => read(hit, new Date(nowMs).toISOString())) : [];
    const packed = gzipSync(events.map(({ event }) => `${JSON.stringify(event)}\n`).join(''), { level: 1 }).length;
    return {
      eventsLastDay: walk.count,
      sample: {
        events: events.length,
        unreadable: events.filter(({ event }) => event.event.kind === 'pipeline_error').length,
        unattributed: events.filter(({ tenant }) => tenant === unattributed).length,
        bytes: events.length === 0 ? 0 : packed,
      },
    };
  } finally {
    await walk.close();
  }
};

/** Bytes that a day like the last one adds to the journal. */
export const journalBytesPerDay = ({ eventsLastDay, sample }: Volume): number =>
  sample.events === 0 ? 0 : (eventsLastDay * sample.bytes) / sample.events;

/** @param volume `undefined` when the source cannot be read, which its own check says, or is too long to be read for this */
export const volumeCheck = (volume: () => Promise<Volume | undefined>): Check => ({
  name: 'volume',
  limitMs: 20_000,
  run: async () => {
    const found = await volume();
    if (!found) return [];
    return [judgePace(found), ...judgeSample(found)];
  },
});

const judgePace = (volume: Volume): Finding => {
  const check = 'volume';
  const { eventsLastDay } = volume;
  if (eventsLastDay === 0) return ok(check, 'No event of the last 24 hours.');
  const perMinute = Math.max(1, Math.round(eventsLastDay / 1440));
  const perSecond = eventsLastDay / 86_400;
  const found = `About ${count(perMinute, 'event')} a minute (${count(eventsLastDay, 'event')} in 24 hours); a day adds about ${bytes(journalBytesPerDay(volume))} to the journal`;
  if (perSecond > onePullPerSecond)
    return problem(
      check,
      `${found}. That is more than one pull keeps up with (measured: ${count(onePullPerSecond, 'event')} a second on one core).`,
      'Split the pattern over several sources, each with its own SLUICE_SOURCE_ID and journal.',
    );
  return perSecond > onePullPerSecond / 2
    ? warning(
        check,
        `${found}. After an outage one pull catches up slowly (measured: ${count(onePullPerSecond, 'event')} a second on one core).`,
        'Think of splitting the pattern over several sources before it grows.',
      )
    : ok(check, `${found}; one pull keeps up.`);
};

const judgeSample = ({ sample }: Volume): readonly Finding[] => {
  const findings: Finding[] = [];
  if (sample.unreadable > 0)
    findings.push(
      warning(
        'volume/unreadable',
        `${sample.unreadable} of the newest ${sample.events} are no events that can be read.`,
        'Look at the source: they are delivered as event.kind pipeline_error, with their _id alone.',
      ),
    );
  if (sample.unattributed > 0)
    findings.push(
      warning(
        'volume/unattributed',
        `${sample.unattributed} of the newest ${sample.events} belong to no known tenant: only an operator's subscription receives them.`,
        'Add their organisations or users to SLUICE_TENANTS_FILE (or set SLUICE_TENANT), then run: npx sluice reattribute',
      ),
    );
  return findings;
};

/** Room on the disk of the journal against what a day takes. */
export const diskCheck = (folder: () => Promise<FolderFacts>, volume: () => Promise<Volume | undefined>): Check => ({
  name: 'journal/disk',
  limitMs: 21_000,
  run: async () => {
    const { freeBytes } = await folder();
    // Why a source cannot be measured is said elsewhere; the room is there all the same.
    const measured = await settled(volume());
    return [judgeRoom(freeBytes, measured.ok && measured.value ? journalBytesPerDay(measured.value) : 0)];
  },
});

const fewBytes = 200_000_000;

const judgeRoom = (freeBytes: number, perDay: number): Finding => {
  const check = 'journal/disk';
  const days = perDay === 0 ? Number.POSITIVE_INFINITY : freeBytes / perDay;
  const found = `${bytes(freeBytes)} are free`;
  const remedy = 'Free space, or move the journal: copy the folder, then set SLUICE_JOURNAL_URL.';
  if (days < 1) return problem(check, `${found}, less than a day needs (${bytes(perDay)}): pull will stop.`, remedy);
  if (days < 7 || freeBytes < fewBytes)
    return warning(
      check,
      days < 7 ? `${found}, enough for ${Math.floor(days)} d.` : `${found}, which is little.`,
      remedy,
    );
  return ok(check, `${found}${perDay > 0 ? `, enough for ${days > 3650 ? 'years' : `${Math.floor(days)} d`}` : ''}.`);
};
