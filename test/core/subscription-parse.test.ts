import { describe, expect, it } from 'vitest';
import { parseSubscription } from '../../shared/core/subscription-parse.ts';

const webhook = { type: 'webhook', url: 'https://hooks.acme.example/in/canary-path' };
const bucket = {
  type: 's3',
  bucket: 'acme-events',
  region: 'eu-central-1',
  roleArn: 'arn:aws:iam::123456789012:role/sluice',
};
const api = {
  from: 'api',
  tenants: ['acme'],
  allowPrivateTargets: [],
  id: 'acme-abcdefghijkl',
  tenant: 'acme',
  externalId: 'sluice-made-here',
} as const;

const parse = (written: unknown) => parseSubscription(written, api);
const subscriptionOf = (change: object) => {
  const parsed = parse({ destination: webhook, ...change });
  expect(parsed.mistakes).toBeUndefined();
  return 'subscription' in parsed ? parsed.subscription : undefined;
};
const mistakesOf = (written: unknown) => parse(written).mistakes ?? [];
const placesOf = (written: unknown) => mistakesOf(written).map(({ path }) => path.join('/'));

describe('the body of the API', () => {
  it('needs a destination alone: id and tenant are given', () => {
    expect(subscriptionOf({})).toEqual({
      id: 'acme-abcdefghijkl',
      tenant: 'acme',
      format: 'ecs',
      batch: { maxEvents: 100, maxBytes: 1_000_000, maxDelaySeconds: 0 },
      start: 'now',
      destination: webhook,
    });
  });

  it('may repeat what Sluice made, as an answer shows it, and change none of it', () => {
    const same = { id: api.id, tenant: 'acme', destination: { ...bucket, externalId: api.externalId } };
    expect(subscriptionOf(same)?.destination).toEqual({ ...bucket, prefix: '', externalId: api.externalId });
    const other = { id: 'mine', tenant: 'bolt', destination: { ...bucket, externalId: 'theirs' } };
    expect(placesOf(other)).toEqual(['id', 'tenant', 'destination/externalId']);
  });

  it('names a role for a bucket, and gets an external id that it did not choose', () => {
    expect(subscriptionOf({ destination: bucket })?.destination).toMatchObject({ externalId: 'sluice-made-here' });
    const { roleArn: _, ...ours } = bucket;
    expect(placesOf({ destination: ours })).toEqual(['destination/roleArn']);
  });

  it('asks for no folder of this machine', () => {
    expect(mistakesOf({ destination: { type: 'folder', path: '/etc' } })).toEqual([
      {
        path: ['destination', 'type'],
        detail: 'folder is only for the settings file; write "webhook", "s3" or "poll"',
      },
    ]);
  });

  it('may be fetched instead of sent', () => {
    expect(subscriptionOf({ destination: { type: 'poll' } })).toMatchObject({
      destination: { type: 'poll' },
      batch: { maxEvents: 100, maxBytes: 1_000_000 },
    });
    expect(placesOf({ destination: { type: 'poll', url: 'https://hooks.acme.example' } })).toEqual(['destination/url']);
  });

  it('is refused with every mistake at once, each with its place', () => {
    const written = {
      name: 'soc',
      description: 7,
      filter: { outcom: 'failure', ip: 'everywhere' },
      format: 'xml',
      fields: ['user', 'usr.id'],
      personalData: 'show',
      batch: { maxEvents: 0 },
      start: 'yesterday',
      destination: { type: 'webhook', url: 'http://10.0.0.1/', signatures: ['v1a'], compression: 'br', headers: 'x' },
    };
    expect(placesOf(written).sort()).toEqual([
      'batch/maxEvents',
      'description',
      'destination/compression',
      'destination/headers',
      'destination/signatures',
      'destination/url',
      'fields/1',
      'filter/ip',
      'filter/outcom',
      'format',
      'name',
      'personalData',
      'start',
    ]);
  });

  it.each([['text'], [null], [[]], [7]])('such as %j instead of an object is refused as a whole', (written) => {
    expect(placesOf(written)).toEqual(['']);
  });

  it('with names that mean something to JavaScript is refused like any unknown name', () => {
    const written = JSON.parse('{ "__proto__": { "id": "x" }, "constructor": 1, "destination": { "type": "poll" } }');
    expect(placesOf(written)).toEqual(['__proto__', 'constructor']);
  });

  it('that is too large to be kept is refused as a whole', () => {
    const values = Array.from({ length: 100 }, (_, n) => `${n}${'x'.repeat(250)}`);
    expect(mistakesOf({ destination: webhook, filter: { user: values, role: values } })[0]?.detail).toContain(
      'is too large',
    );
  });

  it.each([
    ['a text', 'https://hooks.acme.example/canary'],
    ['a list', ['https://hooks.acme.example/canary']],
    ['another type', { type: 'https://hooks.acme.example/canary' }],
    ['another name', { type: 'webhook', ulr: 'https://hooks.acme.example/canary' }],
    ['a list of URLs', { type: 'webhook', url: ['https://hooks.acme.example/canary'] }],
    ['a header’s value', { ...webhook, headers: { 'X-Key': 'canary\r\nHost: inside' } }],
    ['headers in a text', { ...webhook, headers: 'canary' }],
  ])('is never repeated where a credential may stand: %s', (_, destination) => {
    const mistakes = mistakesOf({ destination });
    expect(mistakes.length).toBeGreaterThan(0);
    expect(JSON.stringify(mistakes)).not.toContain('canary');
  });
});

describe('a description', () => {
  it('is kept composed and without blanks around it', () => {
    expect(subscriptionOf({ description: '  Zu\u0308rich – SOC ' })?.description).toBe('Zürich – SOC');
  });

  it.each([
    ['a line break', 'a\nb', 'U+000A'],
    ['an escape', 'a\u001b[2Jb', 'U+001B'],
    ['NUL', 'a\0b', 'U+0000'],
    ['a mark that turns the writing around', 'invoice\u202efdp.exe', 'U+202E'],
    ['an isolate', 'a\u2066b', 'U+2066'],
    ['a zero-width blank', 'ac\u200bme', 'U+200B'],
    ['a byte order mark', '\ufeffacme', 'U+FEFF'],
    ['a tag character', 'acme\u{e0041}', 'U+E0041'],
    ['a filler', 'acme\u3164', 'U+3164'],
    ['half a surrogate pair', 'acme\ud800', 'U+D800'],
    ['a private character', 'acme\ue000', 'U+E000'],
    ['a line separator', 'a\u2028b', 'U+2028'],
  ])('holds only what shows: not %s', (_, description, name) => {
    const [mistake] = mistakesOf({ destination: webhook, description });
    expect(mistake).toMatchObject({ path: ['description'] });
    expect(mistake?.detail).toContain(name);
    expect(mistake?.detail).not.toMatch(/\p{Cf}|\p{Cs}/u);
  });

  it('has at most 200 characters, however many units they take', () => {
    expect(subscriptionOf({ description: '𝄞'.repeat(200) })?.description).toHaveLength(400);
    expect(placesOf({ destination: webhook, description: '𝄞'.repeat(201) })).toEqual(['description']);
    expect(placesOf({ destination: webhook, description: '   ' })).toEqual(['description']);
  });
});

describe('what travels', () => {
  it('is a list of fields, each once, and none below another', () => {
    const fields = ['user.id', 'source', 'user', 'source.ip', 'user', 'closer.raw', 'labels.team'];
    expect(subscriptionOf({ fields })?.fields).toEqual(['closer.raw', 'labels.team', 'source', 'user']);
  });

  it.each([
    ['no list', 'user', 'fields', 'must be a list of 1 to 100 fields; got "user"'],
    ['an empty list', [], 'fields', 'got 0 of them'],
    ['a hundred and one', Array.from({ length: 101 }, () => 'user'), 'fields', 'got 101 of them'],
    ['a misspelt field', ['user.emial'], 'fields/0', 'did you mean user.email?'],
    ['no text', ['user', 7], 'fields/1', 'must be a field of an event; got 7'],
    ['a name of nothing', ['__proto__'], 'fields/0', 'must be a field of an event'],
  ])('is explained where it is %s', (_, fields, place, detail) => {
    const [mistake] = mistakesOf({ destination: webhook, fields });
    expect(mistake?.path.join('/')).toBe(place);
    expect(mistake?.detail).toContain(detail);
  });

  it('may leave out what is about persons, be compressed, and be signed twice', () => {
    const destination = { ...webhook, signatures: ['v1a', 'v1'], compression: 'gzip' };
    expect(subscriptionOf({ personalData: 'hide', destination })).toMatchObject({
      personalData: 'hide',
      destination: { signatures: ['v1', 'v1a'], compression: 'gzip' },
    });
    expect(subscriptionOf({ destination: { ...webhook, signatures: ['v1'] } })?.destination).toEqual(webhook);
  });
});
