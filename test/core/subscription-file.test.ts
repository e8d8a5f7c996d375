import { describe, expect, it } from 'vitest';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { parseSubscriptions } from '../../shared/core/subscription-file.ts';

const rules = { tenants: ['acme', 'aurora'], allowPrivateTargets: [], cwd: '/srv' };
const webhook = { type: 'webhook', url: 'https://hooks.acme.example/in/canary-path' };
const minimal = { id: 'acme-soc', tenant: 'acme', destination: webhook };

const parse = (...written: readonly unknown[]) => parseSubscriptions(written, rules);

const mistakesIn = (json: unknown): string => {
  try {
    parseSubscriptions(json, rules);
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorMustFix);
    return (error as Error).message;
  }
  return 'no mistake';
};
const mistakes = (change: object) => mistakesIn([{ ...minimal, ...change }]);

describe('a subscription', () => {
  it('needs a name, a tenant and a destination; the rest has defaults', () => {
    expect(parse(minimal)).toEqual([
      {
        id: 'acme-soc',
        tenant: 'acme',
        format: 'ecs',
        batch: { maxEvents: 100, maxBytes: 1_000_000, maxDelaySeconds: 0 },
        start: 'now',
        destination: webhook,
      },
    ]);
  });

  it('gathers more into an object than into a webhook request', () => {
    const [folder] = parse({ ...minimal, destination: { type: 'folder', path: 'out' } });
    expect(folder?.batch).toEqual({ maxEvents: 100_000, maxBytes: 16_777_216, maxDelaySeconds: 0 });
    expect(folder?.destination).toEqual({ type: 'folder', path: '/srv/out' });
  });

  it('may ask for every event of every tenant', () => {
    expect(parse({ ...minimal, tenant: '*' })[0]?.tenant).toBe('*');
  });

  it('may name any tenant where no directory is known', () => {
    const subscriptions = parseSubscriptions([{ ...minimal, tenant: 'other' }], { allowPrivateTargets: [], cwd: '/' });
    expect(subscriptions[0]?.tenant).toBe('other');
  });

  it('filters by the simple parameters of the query', () => {
    const [subscription] = parse({ ...minimal, filter: { outcome: 'failure', status: [401, '5xx'] } });
    expect(subscription?.filter).toEqual({ outcome: ['failure'], status: ['401', '5xx'] });
  });

  it.each([
    ['beginning', 'beginning'],
    ['2026-01-31T00:00:00Z', { from: '2026-01-31T00:00:00.000000000Z' }],
  ])('begins at %s', (written, start) => {
    expect(parse({ ...minimal, start: written })[0]?.start).toEqual(start);
  });

  it('may go to a bucket, under a role of the customer', () => {
    const destination = {
      type: 's3',
      bucket: 'acme-events',
      prefix: 'closer/eu/',
      region: 'eu-central-1',
      roleArn: 'arn:aws:iam::123456789012:role/sluice',
      externalId: 'acme-1',
    };
    expect(parse({ ...minimal, destination })[0]?.destination).toEqual({ ...destination, prefix: 'closer/eu' });
  });

  it('may send headers of its own', () => {
    const destination = { ...webhook, headers: { Authorization: 'Bearer canary' } };
    expect(parse({ ...minimal, destination })[0]?.destination).toEqual(destination);
  });

  it('may go to loopback where the operator opens it', () => {
    const destination = { type: 'webhook', url: 'http://127.0.0.1:8080/in' };
    const opened = { ...rules, allowPrivateTargets: ['127.0.0.0/8'] };
    expect(parseSubscriptions([{ ...minimal, destination }], opened)[0]?.destination).toEqual(destination);
  });
});

describe('a mistake', () => {
  it.each<[object, string]>([
    [
      { id: 'Acme SOC' },
      '[0].id: must be 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit; got "Acme SOC"; write',
    ],
    [{ id: undefined }, '[0].id: must be 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit; got nothing'],
    [{ tenant: 'acne' }, '[0].tenant: is no tenant of the directory; got "acne"; did you mean acme?'],
    [
      { tenant: 'unheard-of' },
      '[0].tenant: is no tenant of the directory; got "unheard-of"; write one of acme, aurora',
    ],
    [{ tenant: '_unattributed' }, '[0].tenant: must be the id of a tenant, or *'],
    [{ format: 'xml' }, '[0].format: must be one of ecs, ecs-flat, ocsf, cef; got "xml"; write "ecs"'],
    [{ start: '2026-02-30' }, '[0].start: must be now, beginning or an instant in UTC; got "2026-02-30"'],
    [{ filter: 'event.outcome failure' }, '[0].filter: Column 15: expected ":" or a comparison behind event.outcome'],
    [{ filter: '@timestamp >= now-7d' }, '[0].filter: Column 15: @timestamp holds times; got "now-7d"'],
    [{ filter: ['x'] }, '[0].filter: must be a question in text or an object of parameters; got ["x"]'],
    [{ filter: { outcom: 'failure' } }, '[0].filter.outcom'],
    [{ filter: { ip: '300.1.1.1' } }, '[0].filter.ip: must be an address or a CIDR block'],
    [{ batch: 5 }, '[0].batch: must be an object; got 5'],
    [{ batch: { maxEvents: 1001 } }, '[0].batch.maxEvents: must be a whole number from 1 to 1000; got 1001; write'],
    [{ batch: { maxBytes: '1 MB' } }, '[0].batch.maxBytes: must be a whole number from 1000 to 67108864; got "1 MB"'],
    [{ batch: { maxDelay: 5 } }, '[0].batch.maxDelay: is not known; did you mean maxDelaySeconds?'],
    [{ filters: {} }, '[0].filters: is not known; did you mean filter?'],
    [{ destination: undefined }, '[0].destination: must be an object; got nothing'],
    [{ destination: { type: 'kafka' } }, '[0].destination.type: must be webhook, s3, poll or folder; got "kafka"'],
    [{ destination: { type: 'webhook' } }, '[0].destination.url: must be an https:// URL; got nothing'],
    [{ destination: { type: 'folder', path: '' } }, '[0].destination.path: must be a path; got ""'],
    [{ destination: { ...webhook, headers: { Host: 'x' } } }, '[0].destination.headers: Header "Host"'],
    [{ destination: { ...webhook, headers: { A: 1 } } }, '[0].destination.headers: must be an object of texts'],
    [{ destination: { type: 's3', bucket: 'B', region: 'eu-central-1' } }, '[0].destination.bucket: must be the name'],
    [{ destination: { type: 's3', bucket: 'bbb', region: 'here' } }, '[0].destination.region: must be an AWS region'],
    [{ destination: { type: 's3', bucket: 'bbb', region: 'eu-west-1', prefix: 'a/../b' } }, '[0].destination.prefix'],
    [{ destination: { type: 's3', bucket: 'bbb', region: 'eu-west-1', roleArn: 'x' } }, '[0].destination.roleArn'],
  ])('%j is named with its place, the value and what to write', (change, message) => {
    expect(mistakes(change)).toContain(`One mistake in the subscriptions:\n- ${message}`);
  });

  it.each([
    'http://hooks.acme.example/canary',
    'https://10.0.0.1/canary',
    'https://localhost/canary',
    'https://user:canary@hooks.acme.example/',
    'https://hooks.acme.example:22/canary?canary',
    'canary',
  ])('in the URL %s is explained without repeating path or credentials', (url) => {
    const message = mistakes({ destination: { type: 'webhook', url } });
    expect(message).toContain('[0].destination.url: must be the URL of a public receiver');
    expect(message).not.toContain('canary');
  });

  it('in a header is explained without repeating its value', () => {
    const headers = { Authorization: 'canary\nx', 'X-A': { canary: 1 } };
    expect(mistakes({ destination: { ...webhook, headers } })).not.toContain('canary');
    expect(mistakes({ destination: { ...webhook, headers: { Authorization: 'canary\nx' } } })).not.toContain('canary');
  });

  it('is one of all, each in its own line', () => {
    const message = mistakesIn([minimal, { ...minimal, format: 'xml' }, 'text', { id: '', tenant: 7 }]);
    expect(message.split('\n').map((line) => line.split(':')[0])).toEqual([
      '6 mistakes in the subscriptions',
      '- [1].format',
      '- [2]',
      '- [3].id',
      '- [3].tenant',
      '- [3].destination',
      '- [1].id',
    ]);
    expect(message).toContain('[1].id: is taken by [0]; got "acme-soc"; write another name');
  });

  it.each([[{}], ['text'], [null]])('such as %j instead of a list is refused', (json) => {
    expect(mistakesIn(json)).toContain('The subscriptions must be a list');
  });
});
