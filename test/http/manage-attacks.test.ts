/** What somebody with a key of their own may try at the management API. */
import { describe, expect, it } from 'vitest';
import type { Scope } from '../../shared/core/api-key.ts';
import { type HttpWorld, httpWorld, type SendOptions } from '../support/http-world.ts';

const secrets = { path: 'T000S3CR3TPATH', header: 'Bearer hunter2hunter2' };
const webhook = {
  type: 'webhook',
  url: `https://hooks.acme.example/${secrets.path}`,
  headers: { Authorization: secrets.header, 'X-Team': 'soc-team-name' },
};
const all: readonly Scope[] = ['events:read', 'subscriptions:write', 'keys:write'];

/** A world in which `acme` has one webhook, and every text that was answered so far. */
const withWebhook = async () => {
  const world = httpWorld();
  const key = await world.key('acme', all);
  const told: string[] = [];
  const ask = async (method: string, path: string, options: SendOptions = {}) => {
    const response = await world.send(method, path, { key, ...options });
    const text = await response.text();
    told.push(text, JSON.stringify([...response.headers]));
    return {
      status: response.status,
      text,
      body: text === '' ? {} : JSON.parse(text),
      etag: response.headers.get('etag'),
    };
  };
  const made = await ask('POST', '/v1/subscriptions', { body: { destination: webhook } });
  expect(made.status).toBe(201);
  const id: string = made.body.id ?? made.body.subscription?.id;
  expect(id).toMatch(/^acme-[a-z2-7]{12}$/);
  const patch = (destination: unknown, more: SendOptions = {}) =>
    ask('PATCH', `/v1/subscriptions/${id}`, { body: { destination }, headers: { 'if-match': '*' }, ...more });
  return { world, ask, patch, id, told };
};

describe('the credentials of a webhook', () => {
  it('are in no answer, whatever is asked, and in no record that is not sealed', async () => {
    const { world, ask, patch, id, told } = await withWebhook();
    const path = `/v1/subscriptions/${id}`;
    await ask('GET', path);
    await ask('GET', '/v1/subscriptions');
    await patch({ headers: { 'X-Team': 'other' } });
    await patch({ url: `https://10.0.0.1/${secrets.path}` });
    for (const call of ['test', 'pause', 'resume', 'rotate-secret', 'replay']) await ask('POST', `${path}/${call}`);
    for (const list of ['attempts', 'dead-letters']) await ask('GET', `${path}/${list}`);
    for (const more of ['/v1/audit', '/v1/status', '/v1/keys']) await ask('GET', more);
    expect(told.length).toBeGreaterThan(25);
    expect(told.join('\n')).not.toMatch(/T000S3CR3TPATH|hunter2/);
    expect(world.notices.map(({ message }) => message).join('\n')).not.toMatch(/T000S3CR3TPATH|hunter2/);
    expect(JSON.stringify(await everyRecord(world))).not.toMatch(/T000S3CR3TPATH|hunter2/);
  });

  it('are not sent to a new URL because somebody who cannot read them changes it', async () => {
    const { patch } = await withWebhook();
    const elsewhere = { url: 'https://hooks.evil.example/' };
    const besides = { url: 'https://hooks.acme.example/other' };
    for (const tried of [
      elsewhere,
      besides,
      { ...elsewhere, headers: {} },
      { ...elsewhere, headers: { 'X-Team': 'a' } },
    ]) {
      const { status, body } = await patch(tried);
      expect(status).toBe(400);
      expect(JSON.stringify(body)).toMatch(/"\/destination\/headers".*Authorization.*again/);
    }
    expect((await patch({ ...elsewhere, headers: null })).status).toBe(200);
  });

  it('stay with a URL that is written again as it is, and go to a new one when they are written again', async () => {
    const { patch } = await withWebhook();
    expect((await patch({ url: webhook.url })).status).toBe(200);
    const given = { Authorization: 'Bearer another-one', 'X-Team': 'a' };
    expect((await patch({ url: 'https://hooks2.acme.example/', headers: given })).status).toBe(200);
  });
});

describe('a key', () => {
  it('makes none that outlives it', async () => {
    const { ask } = await withWebhook();
    const wish = { scopes: ['events:read', 'keys:write'] };
    const short = await ask('POST', '/v1/keys', { body: { ...wish, expiresAt: '2026-05-06T00:00:00Z' } });
    expect(short.status).toBe(201);
    const key = short.text.match(/sluice_[0-9a-f]{16}_[\w-]{43}/)?.[0] ?? '';
    for (const expiresAt of [undefined, '2026-05-06T00:00:01Z', '2099-01-01T00:00:00Z']) {
      const { status, text } = await ask('POST', '/v1/keys', {
        key,
        body: { ...wish, ...(expiresAt && { expiresAt }) },
      });
      expect(status).toBe(403);
      expect(text).toContain('outlives');
    }
    const inTime = { ...wish, expiresAt: '2026-05-05T23:00:00Z' };
    expect((await ask('POST', '/v1/keys', { key, body: inTime })).status).toBe(201);
  });

  it('makes no keys without end: the 101st in use is a conflict that says what to do', async () => {
    const { world, ask } = await withWebhook();
    const wish = { body: { scopes: ['events:read'] } };
    const made: string[] = [];
    let answer = await ask('POST', '/v1/keys', wish);
    for (; answer.status === 201; answer = await ask('POST', '/v1/keys', wish)) made.push(answer.body.key.id);
    // The caller's own key, and the one that the world asks with usually.
    expect(made).toHaveLength(98);
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      type: 'urn:sluice:problem:conflict',
      detail: expect.stringMatching(/^Tenant "acme" has 100 keys .* Revoke one that is not needed\.$/),
    });
    expect((await ask('DELETE', `/v1/keys/${made[0]}`)).status).toBe(200);
    expect((await ask('POST', '/v1/keys', wish)).status).toBe(201);
    const ofOperator = { key: await world.key('*', ['operator']), body: { tenant: '*', scopes: ['operator'] } };
    expect((await ask('POST', '/v1/keys', ofOperator)).status).toBe(201);
  });

  it('does not read what another of its tenant was shown once, by repeating its Idempotency-Key', async () => {
    const { world, ask } = await withWebhook();
    const again = { body: { scopes: ['events:read'] }, headers: { 'idempotency-key': 'guessed' } };
    const first = await ask('POST', '/v1/keys', again);
    const repeated = await ask('POST', '/v1/keys', again);
    expect(repeated.text).toBe(first.text);
    const other = await ask('POST', '/v1/keys', { ...again, key: await world.key('acme', all) });
    expect(other.status).toBe(201);
    expect(other.text).not.toBe(first.text);
  });
});

describe('an id of another tenant', () => {
  const calls = (id: string) => {
    const path = `/v1/subscriptions/${id}`;
    return [
      ['GET', path],
      ['PATCH', path, {}],
      ['DELETE', path],
      ...['test', 'pause', 'resume', 'rotate-secret'].map((call) => ['POST', `${path}/${call}`]),
      ['POST', `${path}/replay`, { from: '2026-05-01T00:00:00Z' }],
      ...['attempts', 'dead-letters', 'dead-letters/x', 'batches'].map((what) => ['GET', `${path}/${what}`]),
      ['POST', `${path}/dead-letters/x/retry`],
      ['POST', `${path}/dead-letters/x/discard`, { reason: 'none' }],
    ] as readonly (readonly [string, string, unknown?])[];
  };

  it.each([
    ['as it is', async () => {}],
    [
      'whose credentials cannot be opened',
      async ({ records }: HttpWorld, id: string) => {
        const record = await records.get('roster/acme', id);
        if (!record) throw new Error('There is such a record.');
        const value = { ...(record.value as object), sealed: 'bm90IHNlYWxlZA' };
        await records.compareAndSet({ partition: 'roster/acme', id, value }, record.version);
      },
    ],
  ])('is answered like one that never was, by every call: one %s', async (_what, change) => {
    const { world, ask, id } = await withWebhook();
    await change(world, id);
    const key = await world.key('bolt', all);
    const never = id.replace(/.{12}$/, 'aaaaaaaaaaaa');
    const answers = async (of: string) => {
      const seen: unknown[] = [];
      for (const [method, path, body] of calls(of)) {
        const { status, text } = await ask(method, path, {
          key,
          headers: { 'if-match': '*' },
          ...(body !== undefined && { body }),
        });
        seen.push([method, path.replace(of, '{id}'), status, text.replaceAll(of, '{id}')]);
      }
      return seen;
    };
    const theirs = await answers(id);
    expect(theirs).toEqual(await answers(never));
    expect(theirs.map((each) => (each as readonly unknown[])[2])).toEqual(theirs.map(() => 404));
  });
});

const everyRecord = async ({ records }: HttpWorld): Promise<unknown> => {
  const partitions = ['roster', 'roster/acme', 'subscription', 'key', 'idempotency/acme', 'test', 'audit', 'sweep'];
  const found = await Promise.all(partitions.map((partition) => records.range(partition, { limit: 100 })));
  expect(found[1]).toHaveLength(1);
  return found;
};
