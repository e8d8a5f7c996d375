import type { AuditEvent } from '../../core/audit-event.ts';
import { everyTenant, unattributed } from '../../core/event.ts';
import { eventKey } from '../../core/event-key.ts';
import { instantFromMs, toInstant } from '../../core/instant.ts';
import { segmentDraft } from '../../core/segment-draft.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { type Journal, openJournal } from '../journal/open-journal.ts';

export interface AuditDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly audit: AuditJournal;
  readonly telemetry: Pick<Telemetry, 'notice'>;
  /** Present for a request that must not be done twice, however often it is repeated. */
  readonly once?: Once;
}

export interface Once {
  /**
   * Called before a change is written. From then on the change may have been made, whatever is thrown.
   * @throws RetryLater if that cannot be recorded; then the change must not be written
   */
  changing(): Promise<void>;
  /** Called if the change was certainly not written. */
  notChanged(): void;
}

export interface AuditJournal extends Journal {
  /** What it lies in; its signed heads lie beside it. */
  readonly store: BlobStore;
}

/**
 * The journal of changes: form, chain and checks of the journal of events, in the same store below `audit/`, where no source's name can
 * meet it and no rule that expires events reaches it.
 */
export const openAuditJournal = (journalStore: BlobStore): AuditJournal => {
  const store = below(journalStore, 'audit/');
  return { ...openJournal({ store, source: 'audit' }), store };
};

const below = (store: BlobStore, prefix: string): BlobStore => ({
  description: `${store.description}/${prefix.slice(0, -1)}`,
  putIfAbsent: (name, bytes, metadata) => store.putIfAbsent(prefix + name, bytes, metadata),
  get: (name, range) => store.get(prefix + name, range),
  list: async (inner, { after, limit }) => {
    const names = await store.list(prefix + inner, { limit, ...(after !== undefined && { after: prefix + after }) });
    return names.map((name) => name.slice(prefix.length));
  },
});

/** The block of a tenant's changes. Those of an operator's things stand where no tenant can look. */
export const auditBlock = (tenant: string): string => (tenant === everyTenant ? unattributed : tenant);

const partition = 'audit';
const headId = 'head';

/** A segment that is known to be in the audit journal, seldom far from its end; 0: none is. */
export const knownAuditHead = async ({ records }: Pick<AuditDeps, 'records'>): Promise<number> => {
  const { head } = ((await records.get(partition, headId))?.value ?? {}) as { readonly head?: unknown };
  return Number.isSafeInteger(head) ? Number(head) : 0;
};

/**
 * Appends an event unless it is there already.
 * @param since a segment that was in the journal before the event could have been
 * @throws RetryLater, OperatorMustFix when the journal cannot be read or written
 */
export const journalOnce = async (deps: AuditDeps, event: AuditEvent, since: number): Promise<void> => {
  const { audit, clock } = deps;
  const key = keyOf(event);
  for (let looked = since; ; ) {
    const head = await audit.head(looked);
    for (; looked < (head?.seq ?? 0); looked += 1)
      if ((await audit.keys(await audit.appended(looked + 1))).includes(key)) return;
    const draft = segmentDraft();
    draft.add({ key, time: toInstant(event['@timestamp']), tenant: auditBlock(event.sluice.tenant), event });
    const nowMs = clock.nowMs();
    const now = instantFromMs(nowMs);
    const begin = head?.begin ?? now;
    const options = { kind: 'scan', head, begin, watermark: now, committedAtMs: nowMs } as const;
    const result = await audit.append(draft, options);
    if (result.kind === 'lost race') continue;
    await rememberHead(deps, result.manifest.seq);
    return;
  }
};

/** `sluice/…` is read as index and id, as those who verify the journal do. */
const keyOf = ({ event: { id } }: AuditEvent): string => {
  const slash = id.indexOf('/');
  return eventKey(id.slice(0, slash), id.slice(slash + 1));
};

/** A hint, which only saves the next one a walk: whoever writes it later has a later one. */
const rememberHead = async ({ records }: AuditDeps, head: number): Promise<void> => {
  const stored = await records.get(partition, headId);
  await records.compareAndSet({ partition, id: headId, value: { head } }, stored?.version ?? 0);
};
