import { type Checkpoint, checkpointPartition } from '../core/checkpoint.ts';
import { tenantOfId } from '../core/stored-subscription.ts';
import { subscriptionPartition } from '../core/subscription-state.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import { eachManifest } from './journal/each-manifest.ts';
import type { Journal } from './journal/open-journal.ts';
import type { Roster } from './roster.ts';
import { lookAround, type Wake } from './wake/look-around.ts';
import { fileRoster, readWake, type WakeRecord, wakePartition } from './wake/wake-record.ts';

export interface WakeDeps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly roster: Roster;
  readonly queue: WorkQueue;
  readonly clock: Clock;
}

const lookEveryMs = 60 * 60_000;
/** States read in one tick of such a look: its cost is bounded, however many subscriptions there are. */
const lookPage = 200;
const duePage = 1000;

/**
 * Wakes every subscription that has something to do, and returns how many. Whom new segments concern is known from the tenants in their
 * manifests, whose time has come from the due index: no state is read. What a queue loses all the same is found by a look at everybody, a
 * page per call, once an hour; at once where the settings' file has changed or nothing is known of the last time.
 *
 * What was woken is recorded afterwards: a crash in between wakes again, which costs a look.
 */
export const wakeSubscriptions = async (deps: WakeDeps): Promise<number> => {
  const { journal, records, roster, queue, clock } = deps;
  const { woken, version } = await readWake(records, journal.source);
  const nowMs = clock.nowMs();
  const head = await headNow(deps, woken);
  const file = fileRoster(roster.fromFile);
  const isNewFile = woken?.file !== file;
  const look = woken && !isNewFile ? await lookOn(deps, woken, head, nowMs) : await lookAtEverybody(deps, head, nowMs);
  const wakes = onePerSubscription([
    ...look.wakes,
    ...(woken ? await concernedBy(deps, woken.head, head) : []),
    ...(await due(deps, nowMs)),
  ]);
  for (const { id, reason } of wakes) await queue.wake(id, reason);
  const { wakes: _, ...looked } = look;
  const next: WakeRecord = { head, file, ...looked };
  if (!woken || differs(woken, next))
    await records.compareAndSet({ partition: wakePartition, id: journal.source, value: next }, version);
  return wakes.length;
};

/**
 * Looks at everybody at once: for a process that begins, and whose queue has forgotten whom it had woken.
 * @returns how many it woke
 */
export const wakeEverybody = async (deps: WakeDeps): Promise<number> => {
  const { woken } = await readWake(deps.records, deps.journal.source);
  const { wakes } = await lookAtEverybody(deps, await headNow(deps, woken), deps.clock.nowMs());
  for (const { id, reason } of wakes) await deps.queue.wake(id, reason);
  return wakes.length;
};

const headNow = async ({ journal, records }: WakeDeps, woken: WakeRecord | undefined): Promise<number> => {
  const known = woken?.head ?? headOf((await records.get(checkpointPartition, journal.source))?.value);
  return (await journal.head(known))?.seq ?? 0;
};

const headOf = (checkpoint: unknown): number => {
  const head = (checkpoint as Partial<Checkpoint> | null | undefined)?.head;
  return Number.isSafeInteger(head) ? Number(head) : 0;
};

interface Looked extends Pick<WakeRecord, 'lookedAtMs' | 'lookFrom'> {
  readonly wakes: readonly Wake[];
}

/** The next page of a look that is under way or due; nothing is read when none is. */
const lookOn = async (deps: WakeDeps, woken: WakeRecord, head: number, nowMs: number): Promise<Looked> => {
  const { lookedAtMs, lookFrom } = woken;
  const isDue = lookFrom !== undefined || nowMs - lookedAtMs >= lookEveryMs;
  if (!isDue) return { wakes: [], lookedAtMs };
  const from = lookFrom === undefined ? {} : { from: lookFrom };
  const { wakes, next } = await lookAround(deps, { ...from, limit: lookPage, head, nowMs });
  return {
    wakes,
    lookedAtMs: lookFrom === undefined ? nowMs : lookedAtMs,
    ...(next !== undefined && { lookFrom: next }),
  };
};

/** All at once: when the file has changed, or what was woken before is not known. Whose state is missing is woken too, and it is said. */
const lookAtEverybody = async (deps: WakeDeps, head: number, nowMs: number): Promise<Looked> => {
  const wakes: Wake[] = [];
  const unseen = new Set(deps.roster.fromFile.map(({ id }) => id));
  for (let from: string | undefined; ; ) {
    const page = await lookAround(deps, { ...(from !== undefined && { from }), limit: 1000, head, nowMs });
    wakes.push(...page.wakes);
    for (const id of page.seen) unseen.delete(id);
    if (page.next === undefined) break;
    from = page.next;
  }
  return { wakes: [...wakes, ...[...unseen].map((id) => ({ id, reason: `new/${head}` }))], lookedAtMs: nowMs };
};

/** Those whose tenant has events in the segments behind `before`. */
const concernedBy = async ({ journal, roster }: WakeDeps, before: number, head: number): Promise<readonly Wake[]> => {
  if (head <= before) return [];
  const tenants = new Set<string>();
  for await (const manifest of eachManifest(journal, { from: before + 1, to: head }))
    for (const tenant of Object.keys(manifest.tenants)) tenants.add(tenant);
  return (await roster.idsOf(tenants)).map((id) => ({ id, reason: `head/${head}` }));
};

const due = async ({ records, roster }: WakeDeps, nowMs: number): Promise<readonly Wake[]> => {
  const ids = await records.due(subscriptionPartition, nowMs, duePage);
  if (ids.length === 0) return [];
  const inFile = new Set(roster.fromFile.map(({ id }) => id));
  const known = ids.filter((id) => inFile.has(id) || tenantOfId(id) !== undefined);
  return known.map((id) => ({ id, reason: `due/${Math.floor(nowMs / 60_000)}` }));
};

const onePerSubscription = (wakes: readonly Wake[]): readonly Wake[] => [
  ...new Map(wakes.map((wake) => [wake.id, wake])).values(),
];

const differs = (a: WakeRecord, b: WakeRecord): boolean =>
  a.head !== b.head || a.file !== b.file || a.lookedAtMs !== b.lookedAtMs || a.lookFrom !== b.lookFrom;
