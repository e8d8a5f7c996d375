import { messageOf, OperatorMustFix } from '../../core/errors.ts';
import type { CredentialSeal } from '../../core/sealed-credentials.ts';
import { rosterIndexPartition } from '../../core/stored-subscription.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { idAfter } from '../records/each-record.ts';
import { sealOfCredentials } from './open-seal.ts';
import { changeStored, storedOf, type VersionedSubscription } from './stored.ts';

export interface ResealDeps {
  readonly records: RecordStore;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'notice'>;
}

/** How far a pass through all subscriptions has come. */
interface Progress {
  /** Of the root key that it seals under. */
  readonly keyName: string;
  /** The tenant and the id it goes on with; absent: it is over. */
  readonly at?: Place;
  readonly endedAtMs?: number;
  /** Found under another key by this pass, so far. */
  readonly old: number;
  /** It was said that nothing is left under another key. */
  readonly told?: true;
}

interface Place {
  readonly tenant: string;
  readonly id?: string;
}

const partition = 'reseal';
const progressId = 'all';
/** Whoever still knows only the former key seals under it for five minutes more: a second pass finds what the first went by. */
const passEveryMs = 3_600_000;
/** Of one call: seconds, where the store is far away. */
const defaultLimits = { tenants: 250, records: 900 };

/**
 * Seals what was sealed under the former root key under the current one, a part per call; to be called again and again. As long as there is
 * a former key a pass begins every hour; without one nothing is read. The first pass that finds nothing left to do says so.
 * @returns how many it sealed anew
 */
export const resealSubscriptions = async (deps: ResealDeps, limits = defaultLimits): Promise<number> => {
  const { records, secrets, clock, telemetry } = deps;
  if ((await secrets.get('rootKey'))?.previous === undefined) return 0;
  const seal = await sealOfCredentials(secrets)();
  const stored = await records.get(partition, progressId);
  const progress = progressOf(stored, seal.keyName);
  const { at, endedAtMs = 0 } = progress;
  if (at === undefined && clock.nowMs() - endedAtMs < passEveryMs) return 0;
  const part = await resealPart(deps, seal, at ?? beginning, limits);
  const value = after(progress, part, clock.nowMs());
  if (value.told && !progress.told)
    telemetry.notice(
      'info',
      'The credentials of all subscriptions are sealed under the current root key: they do not need the previous one any more.',
    );
  await records.compareAndSet({ partition, id: progressId, value }, stored?.version ?? 0);
  return part.resealed;
};

const beginning: Place = { tenant: '' };

/** Under another key, or when it cannot be read, everything begins anew. */
const progressOf = (stored: StoredRecord | undefined, keyName: string): Progress => {
  const progress = stored?.value as Partial<Progress> | null | undefined;
  return progress?.keyName === keyName && Number.isSafeInteger(progress.old)
    ? (progress as Progress)
    : { keyName, at: beginning, old: 0 };
};

const after = ({ at, keyName, told, ...before }: Progress, { old, next }: Part, nowMs: number): Progress => {
  const oldOfPass = (at === undefined ? 0 : before.old) + old;
  const said = told ?? (next === undefined && oldOfPass === 0 ? true : undefined);
  const ended = next === undefined ? { endedAtMs: nowMs } : { at: next };
  return { keyName, old: oldOfPass, ...ended, ...(said && { told: said }) };
};

interface Part {
  readonly resealed: number;
  /** Found under another key. */
  readonly old: number;
  /** Absent: the pass is over. */
  readonly next?: Place;
}

const resealPart = async (
  deps: ResealDeps,
  seal: CredentialSeal,
  from: Place,
  limits: typeof defaultLimits,
): Promise<Part> => {
  const { records } = deps;
  const tenants = await records.range(rosterIndexPartition, { from: from.tenant, limit: limits.tenants });
  let left = limits.records;
  let resealed = 0;
  let old = 0;
  for (const { id: tenant } of tenants) {
    const id = tenant === from.tenant ? from.id : undefined;
    if (left === 0) return { resealed, old, next: { tenant, ...(id !== undefined && { id }) } };
    const page = await storedOf(records, tenant, { limit: left, ...(id !== undefined && { from: id }) });
    for (const one of page.items) {
      const became = await resealOne(deps, seal, one);
      if (became === 'resealed') resealed += 1;
      if (became !== 'as it was') old += 1;
    }
    left -= page.items.length;
    if (page.next !== undefined) return { resealed, old, next: { tenant, id: page.next } };
  }
  const last = tenants.at(-1);
  const next = last && tenants.length === limits.tenants ? { tenant: idAfter(last.id) } : undefined;
  return { resealed, old, ...(next && { next }) };
};

/** Who loses the race against a change by the API was sealed by that change. */
const resealOne = async (
  { records, telemetry }: ResealDeps,
  seal: CredentialSeal,
  { stored, version }: VersionedSubscription,
): Promise<'resealed' | 'not resealed' | 'as it was'> => {
  const { sealed, subscription } = stored;
  if (sealed === undefined || stored.deletedAt !== undefined || !seal.isOld(sealed)) return 'as it was';
  const { tenant, id } = subscription;
  try {
    const anew = seal.seal(tenant, id, seal.open(tenant, id, sealed));
    const written = await changeStored(records, { ...stored, sealed: anew }, version);
    return written === 'stored' ? 'resealed' : 'not resealed';
  } catch (error) {
    if (!(error instanceof OperatorMustFix)) throw error;
    telemetry.notice('error', messageOf(error), { subscription: id });
    return 'not resealed';
  }
};
