/** A segment as it is appended: taken apart without the product's own code, and held against what the witness knows. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import canonicalize from 'canonicalize';
import type { EcsEvent } from '../../../shared/core/event.ts';
import type { Manifest } from '../../../shared/core/segment.ts';
import { tenantsOf } from '../cast.ts';
import type { JournaledEvent, Witness } from '../witness.ts';

const nobody = '_unattributed';
const zeros = '0'.repeat(64);
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

export const checkSegment = (witness: Witness, text: Uint8Array, object: Uint8Array | undefined): void => {
  const manifest = JSON.parse(Buffer.from(text).toString('utf8')) as Manifest;
  const name = `segment ${manifest.seq} (${manifest.kind})`;
  checkChain(witness, manifest, name);
  if (!object || sha256(object) !== manifest.sha256) {
    witness.fail('a segment is what its manifest says', `${name}: its object is another or missing`);
    return;
  }
  const { keys, blocks, rest } = unpacked(manifest, object);
  const events = blocks.flatMap(({ tenant, lines }) => lines.map((line) => journaledOf(tenant, line)));
  const counts = [manifest.count, keys.length, events.length, manifest.keys.count];
  if (rest > 0 || new Set(counts).size > 1)
    witness.fail('a segment is what its manifest says', `${name}: counts ${counts.join(', ')}, ${rest} bytes too many`);
  checkTimes(witness, manifest, events, name);
  for (const event of events) {
    checkTenant(witness, event, name);
    if (manifest.kind === 'reattributed') checkMoved(witness, event, name);
    else checkOnce(witness, event, manifest.seq, name);
  }
  witness.segments.push({ manifest, events, round: witness.round });
};

const checkChain = (witness: Witness, manifest: Manifest, name: string): void => {
  const { hash, ...content } = manifest;
  const before = witness.segments.at(-1)?.manifest;
  if (hash !== sha256(canonicalize(content) ?? ''))
    witness.fail('the chain verifies', `${name}: its hash is not its own`);
  if (manifest.seq !== (before?.seq ?? 0) + 1) witness.fail('the chain verifies', `${name} follows ${before?.seq}`);
  if (manifest.previous !== (before?.hash ?? zeros))
    witness.fail('the chain verifies', `${name}: another one before it`);
  if (before && manifest.begin !== before.begin) witness.fail('the record begins where it began', name);
};

const unpacked = (manifest: Manifest, object: Uint8Array) => {
  const linesIn = ({ offset, length }: { offset: number; length: number }): readonly string[] =>
    gunzipSync(object.subarray(offset, offset + length))
      .toString('utf8')
      .split('\n')
      .slice(0, -1);
  const blocks = Object.entries(manifest.tenants)
    .sort(([, a], [, b]) => a.offset - b.offset)
    .map(([tenant, part]) => ({ tenant, lines: linesIn(part), part }));
  const used = blocks.reduce((sum, { part }) => sum + part.length, manifest.keys.length);
  return { keys: linesIn(manifest.keys), blocks, rest: object.length - used };
};

const journaledOf = (tenant: string, line: string): JournaledEvent => {
  const event = JSON.parse(line) as EcsEvent;
  return { event: event.event.id, tenant, outcome: event.event.outcome };
};

/** Times and minutes as the documents have them, not as the events say. */
const checkTimes = (
  { documents, segments, fail }: Witness,
  manifest: Manifest,
  events: readonly JournaledEvent[],
  name: string,
): void => {
  const times = events.flatMap(({ event }) => documents.get(event)?.time ?? []).sort();
  const minutes: Record<string, number> = {};
  if (manifest.kind !== 'reattributed')
    for (const time of times) minutes[time.slice(0, 16)] = (minutes[time.slice(0, 16)] ?? 0) + 1;
  if (canonicalize(minutes) !== canonicalize(manifest.minutes))
    fail('the minutes of a manifest add up', `${name}: ${JSON.stringify(manifest.minutes)}`);
  if (manifest.kind === 'reattributed') return;
  if ((times[0] ?? null) !== manifest.minTime || (times.at(-1) ?? null) !== manifest.maxTime)
    fail('a manifest names the first and the last time', `${name}: ${manifest.minTime} to ${manifest.maxTime}`);
  const before = segments.at(-1)?.manifest.maxTimeSoFar ?? null;
  const own = manifest.kind === 'exception' ? null : manifest.maxTime;
  const sofar =
    [before, own]
      .filter((time) => time !== null)
      .sort()
      .at(-1) ?? null;
  if (manifest.maxTimeSoFar !== sofar)
    fail('a manifest names the largest time so far', `${name}: ${manifest.maxTimeSoFar}, not ${sofar}`);
};

/** An event lies in the block of whom it belongs to, as far as that was known at one time. */
const checkTenant = ({ documents, fail }: Witness, { event, tenant }: JournaledEvent, name: string): void => {
  const known = documents.get(event);
  if (!known) fail('nothing is journaled that was never written', `${name}: ${event}`);
  const owners = known ? tenantsOf[known.owner].map((owner) => owner ?? nobody) : [];
  if (!owners.includes(tenant))
    fail('no event crosses tenants', `${name}: ${event} of ${owners.join(' or ')} in ${tenant}`);
};

const checkOnce = (
  { journaled, fail }: Witness,
  { event, tenant }: JournaledEvent,
  seq: number,
  name: string,
): void => {
  const before = journaled.get(event);
  if (before) fail('every event is journaled once', `${name}: ${event} is in segment ${before.seq} already`);
  else journaled.set(event, { seq, tenant });
};

/** What is attributed afterwards was nobody's until then, and is moved once. */
const checkMoved = ({ journaled, segments, fail }: Witness, { event }: JournaledEvent, name: string): void => {
  if (journaled.get(event)?.tenant !== nobody) fail('what is attributed afterwards was nobody’s', `${name}: ${event}`);
  const earlier = segments.some(
    ({ manifest, events }) => manifest.kind === 'reattributed' && events.some((one) => one.event === event),
  );
  if (earlier) fail('every event is attributed afterwards once', `${name}: ${event}`);
};
