/**
 * One change to the record by the strongest forger: whoever may write everywhere, knows the code, and seals all that follows anew. What
 * cannot be forged is a signature; what nobody signed or kept a witness of is changed without a trace, so it is not changed here.
 */
import { unattributed } from '../../shared/core/event.ts';
import type { SignedHead } from '../../shared/core/head.ts';
import { canonicalText, type Manifest } from '../../shared/core/segment.ts';
import { signingKey } from '../../shared/core/signing-key.ts';
import type { CheckedHead } from '../../shared/core/verify/head-check.ts';
import { type AJournal, anEvent, type PlannedSegment, signedHead, written } from './a-journal.ts';
import type { Files } from './files.ts';
import type { Random } from './random.ts';

export interface Forgery {
  readonly what: string;
  readonly files: Files;
  /** What the verifier is given beside the files. */
  readonly witnesses: readonly CheckedHead[];
  /** The first segment that is not what it was. */
  readonly from: number;
}

type Segments = readonly PlannedSegment[];
interface Edit {
  readonly what: string;
  readonly segments: Segments;
}

/** `undefined`: the choice would change nothing. */
export const forged = async (journal: AJournal, random: Random): Promise<Forgery | undefined> => {
  const { plan, files, manifests } = journal;
  const lastSigned = Math.max(0, ...plan.signed.map(({ after }) => after));
  if (lastSigned === 0) return undefined;
  const from = 1 + random.below(lastSigned);
  const edit = edited(plan.segments, from, random);
  if (!edit) return undefined;
  const forgery = await written({ ...plan, segments: edit.segments, signed: [] });
  const heads = new Map([...files].filter(([name]) => name.startsWith('heads/')));
  const late = plan.signed.filter(({ after }) => after >= from);

  switch (random.one(['heads left', 'signed by another', 'signature kept', 'heads removed'] as const)) {
    case 'heads left':
      return { what: `${edit.what}, heads left as they are`, files: merged(forgery.files, heads), witnesses: [], from };
    case 'signed by another': {
      for (const { after, atMs } of late) put(heads, signedHead(forgery.manifests[after - 1], atMs, anotherKey));
      return {
        what: `${edit.what}, heads signed by another key`,
        files: merged(forgery.files, heads),
        witnesses: [],
        from,
      };
    }
    case 'signature kept': {
      for (const { after, atMs } of late)
        put(heads, keepingSignature(forgery.manifests[after - 1], heads, atMs, manifests[after - 1]));
      return {
        what: `${edit.what}, heads fixed up under their signatures`,
        files: merged(forgery.files, heads),
        witnesses: [],
        from,
      };
    }
    case 'heads removed': {
      const { after, atMs } = random.one(late);
      const { name, bytes } = signedHead(manifests[after - 1], atMs);
      for (const one of late) heads.delete(signedHead(manifests[one.after - 1], one.atMs).name);
      const signed = JSON.parse(Buffer.from(bytes).toString()) as SignedHead;
      const witness: CheckedHead = { name: `kept/${name}`, signed, signature: 'good' };
      return {
        what: `${edit.what}, heads removed but for a witness`,
        files: merged(forgery.files, heads),
        witnesses: [witness],
        from,
      };
    }
  }
};

const anotherKey = signingKey(new Uint8Array(32).fill(8));

const put = (heads: Files, { name, bytes }: { readonly name: string; readonly bytes: Uint8Array }): void =>
  void heads.set(name, bytes);

const merged = (files: Files, heads: Files): Files => new Map([...files, ...heads]);

/** The head as it would have been signed, with the signature of what was. */
const keepingSignature = (forged: Manifest | undefined, heads: Files, atMs: number, before: Manifest | undefined) => {
  const { name } = signedHead(before, atMs);
  const { signature, kid } = JSON.parse(Buffer.from(heads.get(name) ?? '{}').toString()) as SignedHead;
  const { head } = JSON.parse(Buffer.from(signedHead(forged, atMs).bytes).toString()) as SignedHead;
  heads.delete(name);
  return { name: signedHead(forged, atMs).name, bytes: Buffer.from(canonicalText({ head, kid, signature })) };
};

/** One change in segment `from`; everything before it stays byte for byte. */
const edited = (segments: Segments, from: number, random: Random): Edit | undefined => {
  const at = from - 1;
  const segment = segments[at];
  if (!segment) return undefined;
  const { events } = segment;
  const which = random.below(events.length);
  const with_ = (what: string, next: PlannedSegment['events']): Edit | undefined =>
    next.length === 0
      ? without(segments, at, `${what}, the only one of segment ${from}`)
      : { what: `${what} in segment ${from}`, segments: segments.with(at, { ...segment, events: next }) };

  switch (
    random.one([
      'remove',
      'insert',
      'repeat',
      'reorder',
      'alter',
      'move',
      're-date',
      'cut',
      'drop',
      'swap',
      'add',
    ] as const)
  ) {
    case 'remove':
      return with_('remove an event', events.toSpliced(which, 1));
    case 'insert':
      return with_('insert an event', events.toSpliced(which, 0, invented(segment, random)));
    case 'repeat': {
      const earlier = random.one(segments.slice(0, from)).events;
      return with_('repeat an event', [...events, random.one(earlier)]);
    }
    case 'reorder': {
      const tenant = events[which]?.tenant;
      const others = events.flatMap((each, place) => (each.tenant === tenant && place !== which ? [place] : []));
      const other = others.length === 0 ? undefined : random.one(others);
      const [a, b] = [events[which], other === undefined ? undefined : events[other]];
      if (!a || !b || other === undefined) return undefined;
      return with_('swap two events', events.with(which, b).with(other, a));
    }
    case 'alter':
      return with_(
        'alter an event',
        events.map((each, place) =>
          place === which ? { ...each, event: { ...each.event, message: 'nothing to see' } } : each,
        ),
      );
    case 'move':
      return with_(
        'move an event to another tenant',
        events.map((each, place) =>
          place === which ? { ...each, tenant: each.tenant === 'acme' ? 'bolt' : 'acme' } : each,
        ),
      );
    case 're-date':
      return {
        what: `re-date segment ${from}`,
        segments: segments.with(at, { ...segment, committedAtMs: segment.committedAtMs + 1 }),
      };
    case 'cut':
      return { what: `cut the record before segment ${from}`, segments: segments.slice(0, at) };
    case 'drop':
      return without(segments, at, `remove segment ${from}`);
    case 'swap': {
      const next = segments[at + 1];
      if (!next) return undefined;
      return {
        what: `swap segments ${from} and ${from + 1}`,
        segments: segments
          .with(at, { ...next, watermarkMs: segment.watermarkMs })
          .with(at + 1, { ...segment, watermarkMs: next.watermarkMs }),
      };
    }
    case 'add':
      return {
        what: `add a segment before ${from}`,
        segments: segments.toSpliced(at, 0, { ...segment, kind: 'scan', events: [invented(segment, random)] }),
      };
  }
};

const without = (segments: Segments, at: number, what: string): Edit => ({ what, segments: segments.toSpliced(at, 1) });

const invented = ({ committedAtMs }: PlannedSegment, random: Random) => {
  const event = anEvent(random, { id: `invented-${random.below(1e9)}`, kind: 'scan', clockMs: committedAtMs });
  return { ...event, tenant: event.tenant === unattributed ? 'acme' : event.tenant };
};
