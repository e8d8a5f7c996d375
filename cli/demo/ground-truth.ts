import { readFileSync } from 'node:fs';
import type { Samples } from '../../shared/config/samples.ts';

export interface Organization {
  /** The tenant's id in the directory, for example `aurora`. */
  readonly tenant: string;
  /** `Aurora Bank` */
  readonly name: string;
}

export interface GroundTruth {
  readonly organizations: readonly Organization[];
  /** `event.id` of every event in the log. */
  readonly every: ReadonlySet<string>;
  /** By tenant: the events that name it and nobody else. */
  readonly of: ReadonlyMap<string, ReadonlySet<string>>;
}

interface Manifest {
  readonly orgs: readonly {
    readonly key: string;
    readonly id: string;
    readonly name: string;
    readonly agents: readonly { readonly id: string; readonly email: string }[];
  }[];
  readonly docs: Readonly<Record<string, { readonly org: string }>>;
}

/**
 * What the samples hold and whose each event is, worked out without any of the code under demonstration: an event belongs to the
 * organisation whose id, or whose agent's id or e-mail, stands anywhere in its line. The manifest, which knows who made each event,
 * must agree; an event that names nobody, or two, is for the operator alone.
 * @throws Error when log and manifest disagree: then the samples are broken
 */
export const groundTruth = (samples: Samples): GroundTruth => {
  const manifest: Manifest = JSON.parse(readFileSync(samples.manifest, 'utf8'));
  const directory: readonly { readonly id: string; readonly organizations: readonly string[] }[] = JSON.parse(
    readFileSync(samples.tenants, 'utf8'),
  );
  const organizations = manifest.orgs.map((org) => ({
    ...org,
    tenant: directory.find((entry) => entry.organizations.includes(org.id))?.id ?? org.key,
    marks: [org.id, ...org.agents.flatMap(({ id, email }) => [id, email])],
  }));
  const every = new Set<string>();
  const of = new Map(organizations.map(({ tenant }) => [tenant, new Set<string>()]));
  for (const line of readFileSync(samples.log, 'utf8').split('\n').filter(Boolean)) {
    const { _index, _id }: { readonly _index: string; readonly _id: string } = JSON.parse(line);
    const id = `${_index}/${_id}`;
    every.add(id);
    const [named, ...others] = organizations.filter(({ marks }) => marks.some((mark) => line.includes(mark)));
    if (!named || others.length > 0) continue;
    if (manifest.docs[_id]?.org !== named.key) throw new Error(`The samples disagree about whose event ${id} is.`);
    of.get(named.tenant)?.add(id);
  }
  const known = Object.keys(manifest.docs).length;
  if (known !== every.size) throw new Error(`The samples hold ${every.size} events, their manifest ${known}.`);
  return { organizations: organizations.map(({ tenant, name }) => ({ tenant, name })), every, of };
};
