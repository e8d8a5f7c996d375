import { hash } from 'node:crypto';
import type { DigestObject } from '../../core/digest.ts';
import type { Break } from '../../core/verify/break.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import { dealtEntries, type Scratch } from './dealt-entries.ts';
import { namesUnder } from './names.ts';

/** The names that digests attest, held against those that are there. */
export interface AttestedNames {
  /** @param chain number of the chain of digests: in one chain no object comes twice */
  add(of: {
    readonly tenant: string;
    readonly subscription: string;
    readonly chain: number;
    readonly object: DigestObject;
  }): void;
  flush(): Promise<void>;
  /** The first object that nothing attests and nothing explains, and how many are too young for a digest. */
  close(store: BlobStore): Promise<{ readonly break: Break | undefined; readonly notYetAttested: number }>;
}

/** Where every object lies: see `objectName`. */
const objectsPrefix = 'tenant=';
const shape = /^tenant=([^/]+)\/dt=\d{4}-\d\d-\d\d\/hour=\d\d\/[^/]+_(\d{10,})_[0-9a-f]{8}\.(?:ndjson|cef)\.gz$/;
const there = 0;
const attested = 1;

export const attestedNames = (scratch: Scratch): AttestedNames => {
  const entries = dealtEntries(scratch);
  const tenants: string[] = [];
  /** By tenant: the last sequence that is attested of each of its subscriptions. */
  const lastOf = new Map<string, Map<string, number>>();
  const numberOf = (tenant: string): number => {
    const known = tenants.indexOf(tenant);
    return known >= 0 ? known : tenants.push(tenant) - 1;
  };

  /** Every name that is there, and the first that is no object's at all. */
  const list = async (store: BlobStore): Promise<Break | undefined> => {
    for await (const name of namesUnder(store, objectsPrefix)) {
      const [, tenant, sequence] = shape.exec(name) ?? [];
      if (tenant === undefined) return inserted(name, 0);
      entries.add({ key: keyOf(name), number: numberOf(tenant), mark: there, value: Number(sequence) });
      await entries.flush();
    }
    return undefined;
  };
  /** Whether some subscription of the tenant has not come that far with its digests. */
  const isYoung = (tenant: number, sequence: number): boolean => {
    const last = lastOf.get(tenants[tenant] ?? '');
    return !last || [...last.values()].some((each) => sequence > each);
  };

  return {
    flush: entries.flush,
    add: ({ tenant, subscription, chain, object }) => {
      entries.add({ key: keyOf(object.object), number: chain, mark: attested, value: object.sequence });
      const last = lastOf.get(tenant) ?? new Map<string, number>();
      lastOf.set(tenant, last.set(subscription, Math.max(object.sequence, last.get(subscription) ?? 0)));
    },
    close: async (store) => {
      const strange = await list(store);
      if (strange) return { break: strange, notYetAttested: 0 };
      let notYetAttested = 0;
      let first: { readonly kind: Break['kind']; readonly key: string; readonly sequence: number } | undefined;
      const note = (kind: Break['kind'], key: string, sequence: number): void => {
        if (!first || sequence < first.sequence) first = { kind, key, sequence };
      };
      for await (const same of entries.groups((mark) => mark === there)) {
        const chains = same.filter(({ mark }) => mark === attested).map(({ number }) => number);
        const [one] = same;
        if (!one) continue;
        if (new Set(chains).size < chains.length) note('repeated', one.key, one.value);
        else if (chains.length === 0 && isYoung(one.number, one.value)) notYetAttested += 1;
        else if (chains.length === 0) note('inserted', one.key, one.value);
      }
      if (!first) return { break: undefined, notYetAttested };
      const { kind, key, sequence } = first;
      const name = (await nameOf(store, key)) ?? `the object of batch ${sequence}`;
      return { break: kind === 'repeated' ? repeated(name, sequence) : inserted(name, sequence), notYetAttested };
    },
  };
};

/** 128 bits of SHA-256, base64url. */
const keyOf = (name: string): string => hash('sha256', name, 'base64url').slice(0, 22);

const nameOf = async (store: BlobStore, key: string): Promise<string | undefined> => {
  const alike = Buffer.from(key, 'base64url');
  for await (const name of namesUnder(store, objectsPrefix))
    if (Buffer.from(keyOf(name), 'base64url').equals(alike)) return name;
  return undefined;
};

const inserted = (place: string, from: number): Break => ({
  kind: 'inserted',
  place,
  from,
  expected: 'only objects that a digest names, and younger ones',
  found: 'an object that no digest names',
});

const repeated = (place: string, from: number): Break => ({
  kind: 'repeated',
  place,
  from,
  expected: 'each object in one digest',
  found: 'one that is named twice',
});
