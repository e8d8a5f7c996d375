/** One change to what was delivered: of bytes, or of records by whoever can seal everything anew but cannot sign. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Digest, type DigestObject, digestHash, digestName, type SignedDigest } from '../../shared/core/digest.ts';
import { canonicalText, noHash, sha256Hex } from '../../shared/core/segment.ts';
import { signingKey } from '../../shared/core/signing-key.ts';
import { chainHash } from '../../shared/core/subscription-state.ts';
import type { ADelivery } from './a-delivery.ts';
import type { Files } from './files.ts';
import type { Random } from './random.ts';

export interface DeliveryChange {
  readonly what: string;
  readonly files: Files;
  /** Where the verifier may stop; absent: anywhere in the changed subscription, not beyond `from`. */
  readonly places?: readonly string[];
  /** The first batch that is not what it was. */
  readonly from?: number;
}

/** `undefined`: the choice would change nothing that was promised. What no digest names yet is not promised; nor is the newest digest. */
export const changedDelivery = (delivery: ADelivery, random: Random): DeliveryChange | undefined => {
  const { young, digests } = delivery;
  const files: Files = new Map(delivery.files);
  const promised = [...files.keys()].filter((name) => !young.includes(name));
  if (promised.length === 0) return undefined;
  const name = random.one(promised);
  const bytes = Buffer.from(files.get(name) ?? '');
  const put = (what: string, next: Uint8Array): DeliveryChange => {
    files.set(name, next);
    return { what: `${what} ${name}`, files, places: [name] };
  };

  switch (
    random.one(['flip', 'cut', 'append', 'delete', 'swap', 'copy over', 'copy to', 'forge', 'forge', 'forge'] as const)
  ) {
    case 'flip': {
      const at = random.below(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      return put('flip a bit of', bytes);
    }
    case 'cut':
      return put('cut', bytes.subarray(0, random.below(bytes.length)));
    case 'append':
      return put('append to', Buffer.concat([bytes, random.one([Buffer.from('\n'), gzipSync('{}\n')])]));
    case 'delete': {
      if (!name.startsWith('digests/')) {
        files.delete(name);
        return { what: `delete ${name}`, files, places: [name] };
      }
      const its = digests.filter((each) => folderOf(each.name) === folderOf(name));
      const next = its[its.findIndex((each) => each.name === name) + 1];
      if (!next) return undefined;
      files.delete(name);
      return { what: `delete ${name}`, files, places: [next.name] };
    }
    case 'swap': {
      const other = random.one(promised);
      const others = files.get(other) ?? new Uint8Array();
      if (other === name || Buffer.compare(bytes, others) === 0) return undefined;
      files.set(name, others).set(other, bytes);
      return { what: `swap ${name} and ${other}`, files, places: [name, other] };
    }
    case 'copy over': {
      const other = random.one(promised);
      if (other === name || Buffer.compare(bytes, files.get(other) ?? new Uint8Array()) === 0) return undefined;
      files.set(other, bytes);
      return { what: `copy ${name} over ${other}`, files, places: [other] };
    }
    case 'copy to': {
      const other = random.one([
        name.replace(/_[0-9a-f]{8}(\.\w)/, '_00000000$1'),
        name.replace('.', '-copy.'),
        `tenant=acme/${random.below(100)}`,
      ]);
      files.set(other, bytes);
      return { what: `copy ${name} to ${other}`, files, places: [other] };
    }
    case 'forge':
      return forgedDelivery(delivery, random);
  }
};

const folderOf = (name: string): string => name.split('/').slice(0, 3).join('/');

interface Batch {
  readonly lines: readonly string[];
  readonly before: DigestObject;
}

/** Changes the records of one subscription and seals all of its objects and digests anew. */
const forgedDelivery = ({ files, digests }: ADelivery, random: Random): DeliveryChange | undefined => {
  const folder = folderOf(random.one(digests).name);
  const its = digests.filter(({ name }) => folderOf(name) === folder);
  const grouped = its.map(({ digest }) =>
    digest.objects.map((before): Batch => ({ lines: linesOf(files.get(before.object)), before })),
  );
  const inDigest = random.below(grouped.length);
  const batches = grouped[inDigest] ?? [];
  const at = random.below(batches.length);
  const edited = editedBatches(batches, at, random);
  if (!edited || edited.batches.length === 0) return undefined;
  const from = (batches[at]?.before.sequence ?? 0) + (edited.what === 'double a batch' ? 1 : 0);
  const how = random.one(['signature kept', 'signed by another', 'digests left'] as const);
  const forged: Files = new Map(files);
  for (const { object } of its.flatMap(({ digest }) => digest.objects)) forged.delete(object);
  if (how !== 'digests left') for (const { name } of its) forged.delete(name);

  let previous = noHash;
  let chain = its[0]?.digest.chain ?? noHash;
  let sequence = its[0]?.digest.objects[0]?.sequence ?? 1;
  for (const [number, { digest, name }] of its.entries()) {
    const signed = JSON.parse(Buffer.from(files.get(name) ?? '{}').toString()) as SignedDigest;
    const start = chain;
    const objects = (number === inDigest ? edited.batches : (grouped[number] ?? [])).map(({ lines, before }) => {
      const object = written(forged, { lines, before, chain, sequence, subscription: digest.subscription });
      chain = object.chain;
      sequence += 1;
      return object;
    });
    const next: Digest = { ...digest, previous, chain: start, objects };
    previous = digestHash(next);
    const signature =
      how === 'signed by another' ? anotherKey.sign(next) : { kid: signed.kid, signature: signed.signature };
    if (how !== 'digests left')
      forged.set(digestName(next), Buffer.from(canonicalText({ digest: next, ...signature })));
  }
  // A batch more after the last that a digest names is one that none names yet.
  const isSame = ({ object }: DigestObject) =>
    Buffer.from(files.get(object) ?? '').equals(forged.get(object) ?? Buffer.alloc(0));
  if (how === 'digests left' && its.every(({ digest }) => digest.objects.every(isSame))) return undefined;
  return { what: `${edited.what} in batch ${from} of ${folder}, ${how}`, files: forged, from };
};

const anotherKey = signingKey(new Uint8Array(32).fill(8));

const linesOf = (bytes: Uint8Array | undefined): readonly string[] =>
  gunzipSync(bytes ?? '')
    .toString()
    .trimEnd()
    .split('\n');

const written = (
  files: Files,
  {
    lines,
    before,
    chain,
    sequence,
    subscription,
  }: Batch & { readonly chain: string; readonly sequence: number; readonly subscription: string },
): DigestObject => {
  const content = lines.map((line) => `${line}\n`).join('');
  const bytes = gzipSync(content, { level: 6 });
  const hash8 = sha256Hex(`${subscription}\n${chain}\n${sha256Hex(content)}`).slice(0, 8);
  const ending = `_${String(sequence).padStart(10, '0')}_${hash8}.ndjson.gz`;
  const object = before.object.replace(/_\d{10}_[0-9a-f]{8}\.ndjson\.gz$/, ending);
  files.set(object, bytes);
  return {
    sequence,
    object,
    sha256: sha256Hex(bytes),
    events: lines.length,
    chain: chainHash(chain, sha256Hex(content)),
  };
};

const editedBatches = (
  batches: readonly Batch[],
  at: number,
  random: Random,
): { readonly what: string; readonly batches: readonly Batch[] } | undefined => {
  const batch = batches[at];
  const line = random.one(batch?.lines ?? []);
  if (!batch) return undefined;
  const with_ = (what: string, lines: readonly string[]) => ({ what, batches: batches.with(at, { ...batch, lines }) });
  switch (random.one(['alter', 'remove', 'insert', 'repeat', 'reorder', 'drop', 'double'] as const)) {
    case 'alter':
      return with_('alter a record', batch.lines.with(0, line.replace('event', 'Event')));
    case 'remove':
      return batch.lines.length > 1 ? with_('remove a record', batch.lines.slice(1)) : undefined;
    case 'insert':
      return with_('insert a record', [...batch.lines, '{"event":{"id":"closer/invented"}}']);
    case 'repeat':
      return with_('repeat a record', [...batch.lines, line]);
    case 'reorder':
      return batch.lines.length > 1 ? with_('reorder records', batch.lines.toReversed()) : undefined;
    case 'drop':
      return { what: 'drop a batch', batches: batches.toSpliced(at, 1) };
    case 'double':
      return { what: 'double a batch', batches: batches.toSpliced(at, 0, batch) };
  }
};
