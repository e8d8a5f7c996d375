import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Hit, unattributed } from '../../../shared/core/event.ts';
import { msOf } from '../../../shared/core/instant.ts';
import { hitReader } from '../../../shared/core/reading/read-hit.ts';
import { attributeTo, parseTenants } from '../../../shared/core/tenants.ts';
import { expectNoCanary } from '../../support/canaries.ts';

interface SampleRow {
  readonly org: 'A' | 'B' | 'C';
  readonly action: string;
  readonly epoch_ms: number;
  readonly outcome: string;
  readonly status_code: number;
  readonly user_id: string | null;
  readonly source_ip: string | null;
  readonly canaries: readonly string[];
}

type Expected = Readonly<Record<string, unknown>> & {
  readonly canaries?: readonly string[];
  readonly keep?: readonly string[];
};

const sample = (name: string): string => readFileSync(new URL(`../../../samples/${name}`, import.meta.url), 'utf8');
const rowsOf = <Row>(name: string): readonly (readonly [string, Row])[] =>
  Object.entries((JSON.parse(sample(name)) as { docs: Record<string, Row> }).docs);
const hitsOf = (name: string): ReadonlyMap<string, Hit> =>
  new Map(
    sample(name)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Hit)
      .map((hit) => [hit._id, hit]),
  );

const directory = parseTenants(JSON.parse(sample('tenants.json')));
const readHit = hitReader({ timeField: '@timestamp', attribute: attributeTo(directory) });
const readAt = '2021-05-07T00:00:00.000Z';
const tenantOf = { A: 'aurora', B: 'baltic', C: 'cobalt' } as const;

const read = (hits: ReadonlyMap<string, Hit>, id: string) => {
  const hit = hits.get(id);
  if (!hit) throw new Error(`the samples hold no ${id}`);
  const { event, ...rest } = readHit(hit, readAt);
  return { ...rest, event, text: JSON.stringify(event) };
};

describe('the sample log', () => {
  const hits = hitsOf('samples.ndjson');
  const rows = rowsOf<SampleRow>('samples-manifest.json');

  it('has a row for every hit', () => {
    expect(rows.map(([id]) => id).sort()).toEqual([...hits.keys()].sort());
  });

  it.each(rows)('%s is read as its row says', (id, row) => {
    const { event, text, time, tenant } = read(hits, id);
    const derived = event.labels?.['user_derived_from'] !== undefined;
    expect({
      action: event.event.action,
      epoch_ms: time && msOf(time),
      shown: event['@timestamp'],
      outcome: event.event.outcome,
      status_code: event.http?.response?.status_code,
      user_id: derived ? null : (event.user?.id ?? null),
      source_ip: event.source?.ip ?? null,
      known: event.labels?.['known_action'],
    }).toEqual({
      action: row.action,
      epoch_ms: row.epoch_ms,
      shown: new Date(row.epoch_ms).toISOString(),
      outcome: row.outcome,
      status_code: row.status_code,
      user_id: row.user_id,
      source_ip: row.source_ip,
      known: undefined,
    });
    expect([tenantOf[row.org], unattributed]).toContain(tenant);
    for (const canary of row.canaries) expect(text).not.toContain(canary);
    expectNoCanary(text);
  });

  it('is attributed but for the events that name nobody of the directory', () => {
    const lost = rows
      .filter(([id]) => read(hits, id).tenant === unattributed)
      .map(([id, row]) => `${row.action} ${id}`);
    expect(lost).toMatchInlineSnapshot(`
      [
        "agent_skills_change s3baO3kBZbVQk2pxTK-w",
        "agent_password_change_with_token XbL1Yt7njXGIg8GLhoJv",
        "agent_password_change_with_token Fo5qvc1t21R71V6Q4eCc",
      ]
    `);
  });
});

describe('the awkward hits', () => {
  const hits = hitsOf('samples-edge.ndjson');
  const rows = rowsOf<{ readonly note?: string; readonly expect: Expected }>('samples-edge-manifest.json');

  it('have a row each', () => {
    expect(rows.map(([id]) => id).sort()).toEqual([...hits.keys()].sort());
  });

  it.each(rows)('%s is read as its row says', (id, row) => {
    const { event, text, time } = read(hits, id);
    const derived = event.labels?.['user_derived_from'] !== undefined;
    const content = event.http?.request?.body?.content;
    const actual: Readonly<Record<string, () => unknown>> = {
      action: () => event.event.action ?? null,
      epoch_ms: () => (time === undefined ? null : msOf(time)),
      outcome: () => event.event.outcome,
      status_code: () => event.http?.response?.status_code,
      user_id: () => (derived ? null : (event.user?.id ?? null)),
      subject_user_id: () => (derived ? event.user?.id : undefined),
      user_roles: () => event.user?.roles,
      source_ip: () => event.source?.ip ?? null,
      source_address: () => event.source?.address,
      organization_id: () => event.organization?.id,
      request_body: () => JSON.parse(content ?? 'null') as unknown,
      request_body_text: () => content !== undefined && content !== '',
      event_kind: () => event.event.kind,
      event_category: () => event.event.category,
      event_type: () => event.event.type,
      known_action: () => event.labels?.['known_action'] !== 'false',
      method: () => event.http?.request?.method,
    };
    const { canaries = [], keep = [], ...expected } = row.expect;
    const checked = Object.keys(expected).map((key) => [key, (actual[key] ?? (() => `nothing checks ${key}`))()]);
    expect(Object.fromEntries(checked)).toEqual(expected);
    for (const canary of canaries) expect(text).not.toContain(canary);
    for (const kept of keep) expect(text).toContain(kept);
    expect(event.event.kind).not.toBe('pipeline_error');
    expectNoCanary(text);
  });
});
