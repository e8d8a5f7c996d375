import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type EcsEvent, type Hit, unattributed } from '../../shared/core/event.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributedEvent, evidenceIn } from '../../shared/core/reattribute.ts';
import { type Attribute, attributeNone, attributeTo, parseTenants } from '../../shared/core/tenants.ts';
import { edgeHits, readSample, sampleHits } from '../support/sample-hits.ts';

const readAt = '2026-03-01T12:00:00.000Z';
const readUnowned = hitReader({ timeField: '@timestamp', attribute: attributeNone });

/** The event as it lies in the journal. */
const journaled = (hit: Hit): EcsEvent => JSON.parse(JSON.stringify(readUnowned(hit, readAt).event));

const aHit = (message: Readonly<Record<string, unknown>>, index = 'closer-1'): Hit => ({
  _index: index,
  _id: 'x',
  _source: { '@timestamp': '2026-03-01T11:00:00.000Z', message },
});

describe('what a journaled event says about whose it is', () => {
  it.each([
    ['samples', sampleHits()],
    ['awkward samples', edgeHits()],
  ])('names the tenant that the reader names, and never another, and is then the same event: %s', (_, hits) => {
    const directory = attributeOfSamples();
    let named = 0;
    for (const hit of hits) {
      const told = readSample(hit, readAt);
      const event = journaled(hit);
      const evidence = evidenceIn(event);
      if (evidence === 'incomplete') continue;
      const tenant = directory(evidence);
      expect({ id: event.event.id, tenant }).toEqual({ id: event.event.id, tenant: told.tenant });
      if (tenant === unattributed) continue;
      named += 1;
      expect(JSON.stringify(attributedEvent(event))).toBe(JSON.stringify(told.event));
    }
    const owned = hits.filter((hit) => readSample(hit, readAt).tenant !== unattributed).length;
    expect(named).toBe(owned);
  });

  it('finds both organisations where document, path and bodies name several: nobody is named then', () => {
    const [a, b] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
    const named: readonly Readonly<Record<string, unknown>>[] = [
      { 'organization.id': a, 'url.full': `https://closer.example.com/api/orgs/${b}/roles` },
      { 'organization.id': a, 'http.request.body.content': JSON.stringify({ orgId: b }) },
      { 'organization.id': a, 'http.response.body.content': JSON.stringify({ orgId: b }) },
      { 'organization.id': a, 'http.request.body.content': { orgId: b } },
    ];
    for (const message of named) expect(evidenceIn(journaled(aHit(message)))).toMatchObject({ organizations: [a, b] });
    const numbers = { 'http.request.body.content': '{"orgId":42}' };
    expect(evidenceIn(journaled(aHit(numbers)))).toMatchObject({ organizations: ['42'] });
  });

  it('is incomplete where a fact was redacted or a body was too long to keep: nobody is guessed', () => {
    const secret = 'session-secret-1';
    const login = { 'event.action': 'agent_login', 'http.response.body.content': JSON.stringify({ apiKey: secret }) };
    const redacted: readonly Readonly<Record<string, unknown>>[] = [
      { ...login, 'user.id': secret },
      { ...login, 'user.email': `${secret}@aurora.example.com` },
      { ...login, 'organization.id': secret },
      { ...login, 'http.request.body.content': JSON.stringify({ orgId: secret }) },
      { ...login, 'url.full': `https://closer.example.com/api/orgs/${secret}/x` },
      { 'http.request.body.content': JSON.stringify({ orgId: 'b', filler: 'x'.repeat(1_100_000) }) },
    ];
    for (const message of redacted) expect(evidenceIn(journaled(aHit(message)))).toBe('incomplete');
    expect(evidenceIn(journaled(aHit(login)))).not.toBe('incomplete');
  });

  it('knows the index, of a data stream its name, and of an unreadable hit nothing else', () => {
    expect(evidenceIn(journaled(aHit({}, '.ds-closer-aurora-2026.03.01-000001')))).toMatchObject({
      index: 'closer-aurora',
    });
    const unreadable = { _index: 'closer-aurora', _id: 'a/b' };
    expect(evidenceIn(journaled(unreadable))).toEqual({
      index: 'closer-aurora',
      organizations: [],
      users: [],
      emails: [],
    });
  });
});

const attributeOfSamples = (): Attribute =>
  attributeTo(parseTenants(JSON.parse(readFileSync(new URL('../../samples/tenants.json', import.meta.url), 'utf8'))));
