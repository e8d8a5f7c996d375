import {
  canonicalText,
  type Manifest,
  manifestName,
  objectName,
  sealManifest,
  sha256Hex,
} from '../../shared/core/segment.ts';
import { anEvent, nowMs, source, written } from './a-journal.ts';
import type { Files } from './files.ts';
import { randomOf } from './random.ts';

/** A journal of six segments of five events, never signed, and ways to change it: what is wrong then shows in the chain alone. */
export const sixSegments = async () => {
  const random = randomOf(1);
  const segments = Array.from({ length: 6 }, (_, at) => {
    const clockMs = nowMs - 3_600_000 + at * 60_000;
    const events = Array.from({ length: 5 }, (__, n) => anEvent(random, { id: `${at}-${n}`, kind: 'scan', clockMs }));
    return { kind: 'scan' as const, events, committedAtMs: clockMs, watermarkMs: clockMs };
  });
  const { files, manifests } = await written({ segments, signed: [], leftBehind: [] });

  const manifestOf = (seq: number): Manifest => {
    const manifest = manifests[seq - 1];
    if (!manifest) throw new Error(`the journal has no segment ${seq}`);
    return manifest;
  };
  const sealed = (seq: number, change: Partial<Manifest>): Manifest => {
    const { hash: _, ...content } = manifestOf(seq);
    return sealManifest({ ...content, ...change });
  };

  /** Segment 3 with another object, and everything from its manifest on sealed anew. */
  const resealed = (object: Uint8Array, change: (manifest: Manifest) => Partial<Manifest> = () => ({})): Files => {
    const forged: Files = new Map(files);
    let previous = manifestOf(2).hash;
    for (const manifest of manifests.slice(2)) {
      const sha256 = manifest.seq === 3 ? sha256Hex(object) : manifest.sha256;
      const changed = manifest.seq === 3 ? change(manifest) : {};
      const next = sealed(manifest.seq, {
        ...changed,
        previous,
        sha256,
        object: objectName(source, manifest.seq, sha256),
      });
      forged.delete(manifest.object);
      forged.set(next.object, manifest.seq === 3 ? object : (files.get(manifest.object) ?? new Uint8Array()));
      forged.set(manifestName(source, manifest.seq), textOf(next));
      previous = next.hash;
    }
    return forged;
  };

  return {
    files: files as ReadonlyMap<string, Uint8Array>,
    last: manifests.length,
    manifestOf,
    objectOf: (seq: number): Buffer => Buffer.from(files.get(manifestOf(seq).object) ?? ''),
    withFile: (name: string, bytes: Uint8Array): Files => new Map(files).set(name, bytes),
    without: (...names: readonly string[]): Files => new Map([...files].filter(([each]) => !names.includes(each))),
    sealed,
    resealed,
  };
};

export const textOf = (manifest: Manifest): Buffer => Buffer.from(canonicalText(manifest));
