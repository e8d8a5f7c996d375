import { type EcsEvent, unattributed } from '../../core/event.ts';
import { toInstant } from '../../core/instant.ts';
import { attributedEvent, evidenceIn } from '../../core/reattribute.ts';
import type { Manifest } from '../../core/segment.ts';
import type { SegmentDraft } from '../../core/segment-draft.ts';
import type { Attribute } from '../../core/tenants.ts';
import { lineAt } from '../journal/lines.ts';
import type { Journal } from '../journal/open-journal.ts';
import type { Survey } from './survey-journal.ts';

/** Segments in a row whose unattributed events were looked at again; the draft holds those that have an owner now. */
export interface GatheredRange {
  readonly from: number;
  readonly to: number;
  /** Unattributed events that were looked at, without those attributed by an earlier run. */
  readonly looked: number;
  /** Of them: evidence was redacted or removed, so that nobody can be named for certain. */
  readonly undecided: number;
}

export interface RangeLimits {
  /** The draft is appended when it holds so many bytes. */
  readonly bytes: number;
  /** A range ends after so many unattributed events, whatever became of them: their keys are in memory. */
  readonly events: number;
}

/**
 * Fills the draft from the first of the given segments on, whole segments, until a limit is reached. Events that an earlier segment of
 * kind `reattributed` holds are left out, whoever owns them now: nothing is ever moved from one tenant to another.
 * @param segments ascending numbers, at least one
 */
export const gatherRange = async (
  { journal, attribute }: { readonly journal: Journal; readonly attribute: Attribute },
  segments: readonly number[],
  { reattributed }: Survey,
  draft: SegmentDraft,
  limits: RangeLimits,
): Promise<GatheredRange> => {
  const held = new Set<string>();
  const read = new Set<number>();
  let passed = 0;
  let looked = 0;
  let undecided = 0;
  const [from = 0] = segments;
  let to = from;
  draft.clear();

  for (const seq of segments) {
    if (draft.bytes >= limits.bytes || passed >= limits.events) break;
    to = seq;
    for (const other of reattributed) {
      if (other.from > seq || other.to < seq || read.has(other.seq)) continue;
      read.add(other.seq);
      for (const key of await journal.keys(await journal.appended(other.seq))) held.add(key);
    }
    const manifest = await journal.appended(seq);
    const lines = await journal.lines(manifest, unattributed);
    const keys = (await journal.keys(manifest)).slice(keysBefore(manifest));
    passed += lines.count;
    for (let at = 0; at < lines.count; at += 1) {
      const key = keys[at];
      if (key === undefined || held.has(key)) continue;
      looked += 1;
      const event = JSON.parse(Buffer.from(lineAt(lines, at)).toString('utf8')) as EcsEvent;
      const evidence = evidenceIn(event);
      if (evidence === 'incomplete') {
        undecided += 1;
        continue;
      }
      const tenant = attribute(evidence);
      if (tenant === unattributed) continue;
      const time = event['@timestamp'] === undefined ? undefined : toInstant(event['@timestamp']);
      draft.add({ key, time, tenant, event: attributedEvent(event), redactions: 0 });
    }
  }
  return { from, to, looked, undecided };
};

/** Keys stand in the order of the blocks. */
const keysBefore = ({ tenants }: Manifest): number => {
  const offset = tenants[unattributed]?.offset ?? 0;
  return Object.values(tenants).reduce((sum, part) => (part.offset < offset ? sum + part.count : sum), 0);
};
