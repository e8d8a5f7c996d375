import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settings } from '../../shared/config/setting-list.ts';
import { readConfig, WrongSettings } from '../../shared/config/settings.ts';

const root = join(import.meta.dirname, '../..');
const read = (env: Record<string, string | undefined>) => readConfig(env, { cwd: '/srv' });
const elasticsearch = { SLUICE_SOURCE_URL: 'https://elastic.example.com:9200', SLUICE_SOURCE_INDEX: 'closer*' };

const mistakes = (env: Record<string, string>): string => {
  try {
    read(env);
  } catch (error) {
    expect(error).toBeInstanceOf(WrongSettings);
    return (error as Error).message;
  }
  return 'no mistake';
};

describe('with no setting at all', () => {
  it('reads the samples of the repository, whose agents are the tenant directory', () => {
    const config = read({});
    expect(config.source).toEqual({
      kind: 'ndjson',
      id: 'samples',
      path: join(root, 'samples/samples.ndjson'),
      timeField: '@timestamp',
    });
    expect(config.tenants).toEqual({ kind: 'directory', path: join(root, 'samples/tenants.json') });
    expect(existsSync(join(root, 'samples/samples.ndjson'))).toBe(true);
  });

  it('keeps everything in one folder below the working directory', () => {
    expect(read({})).toMatchObject({
      dataDir: '/srv/.sluice',
      state: { kind: 'sqlite', path: '/srv/.sluice/state.sqlite' },
      journal: { kind: 'folder', path: '/srv/.sluice/journal' },
      secrets: { kind: 'file', path: '/srv/.sluice/secrets.json', create: true },
      queue: { kind: 'inline' },
    });
  });

  it('opens nothing to others: loopback only, no private targets, no subscriptions', () => {
    expect(read({})).toMatchObject({
      http: { host: '127.0.0.1', port: 3000 },
      allowPrivateTargets: [],
      subscriptionsFile: undefined,
    });
  });

  it('is frozen', () => {
    expect(Object.isFrozen(read({}))).toBe(true);
  });
});

describe('where alerts go', () => {
  const alerts = (url: string, open = '') => mistakes({ SLUICE_ALERT_URL: url, SLUICE_ALLOW_PRIVATE_TARGETS: open });

  it('is nowhere unless it is said, and then a webhook that may be reached', () => {
    expect(read({}).alertUrl).toBeUndefined();
    expect(read({ SLUICE_ALERT_URL: 'https://alerts.example.com/x' }).alertUrl).toBe('https://alerts.example.com/x');
    expect(alerts('http://127.0.0.1:8443/x', '127.0.0.0/8')).toBe('no mistake');
  });

  it.each([
    'http://alerts.example.com/token-of-mine',
    'https://10.1.2.3/token-of-mine',
    'ftp://x/token-of-mine',
    'token-of-mine',
  ])('is refused where no webhook may go either, without its path being shown: %s', (url) => {
    const said = alerts(url);
    expect(said).toMatch(/^SLUICE_ALERT_URL /);
    expect(said).not.toContain('token-of-mine');
  });
});

describe('what the settings mean', () => {
  it('takes an empty variable as one that is not set', () => {
    expect(read({ SLUICE_TENANT: '', SLUICE_HTTP_PORT: ' ' })).toEqual(read({}));
  });

  it('ignores variables without its prefix', () => {
    expect(read({ PATH: '/bin', sluice_data: 'x', XSLUICE_DATA: 'y' })).toEqual(read({}));
  });

  it('reads an Elasticsearch, and names the source by its pattern so that the cluster can move', () => {
    expect(read(elasticsearch).source).toEqual({
      kind: 'elasticsearch',
      id: 'closer',
      url: 'https://elastic.example.com:9200',
      index: 'closer*',
      timeField: '@timestamp',
    });
  });

  it.each([
    ['closer*', 'closer'],
    ['.ds-Closer-*,closer-audit', 'ds-closer-closer-audit'],
    ['*', 'closer'],
    ['remote:logs-*', 'remote-logs'],
  ])('names the source of the pattern %s: %s', (index, id) => {
    expect(read({ ...elasticsearch, SLUICE_SOURCE_INDEX: index }).source.id).toBe(id);
  });

  it('gives the events of a source of its own to nobody until tenants are set', () => {
    expect(read(elasticsearch).tenants).toEqual({ kind: 'none' });
    expect(read({ SLUICE_SOURCE_URL: 'file:own.ndjson' }).tenants).toEqual({ kind: 'none' });
  });

  it.each([
    ['file:log.ndjson', '/srv/log.ndjson'],
    ['file:/var/log.ndjson', '/var/log.ndjson'],
    ['file:///var/a%20log.ndjson', '/var/a log.ndjson'],
  ])('resolves %s to %s', (url, path) => {
    expect(read({ SLUICE_SOURCE_URL: url }).source).toMatchObject({ kind: 'ndjson', path });
  });

  it.each([
    ['beginning', { kind: 'beginning' }],
    ['now-30d', { kind: 'ago', ms: 30 * 86_400_000 }],
    ['now-2w', { kind: 'ago', ms: 14 * 86_400_000 }],
    ['2026-01-31', { kind: 'at', instant: '2026-01-31T00:00:00.000000000Z' }],
    ['2026-01-31T10:00:00.123456789Z', { kind: 'at', instant: '2026-01-31T10:00:00.123456789Z' }],
  ])('begins at %s', (text, start) => {
    expect(read({ SLUICE_START: text }).start).toEqual(start);
  });

  it('chooses the AWS stores by their URLs', () => {
    const config = read({
      SLUICE_STATE_URL: 'dynamodb:sluice-state',
      SLUICE_JOURNAL_URL: 's3://acme-sluice/journal/',
      SLUICE_QUEUE_URL: 'sqs:https://sqs.eu-central-1.amazonaws.com/123456789012/sluice.fifo',
      SLUICE_SECRETS: 'secretsmanager:sluice/prod',
    });
    expect(config).toMatchObject({
      state: { kind: 'dynamodb', table: 'sluice-state' },
      journal: { kind: 's3', bucket: 'acme-sluice', prefix: 'journal' },
      queue: { kind: 'sqs', url: 'https://sqs.eu-central-1.amazonaws.com/123456789012/sluice.fifo' },
      secrets: { kind: 'secretsmanager', name: 'sluice/prod' },
    });
  });

  it.each([
    ['s3://acme-sluice', ''],
    ['s3://acme-sluice/', ''],
    ['s3://acme-sluice/a/b', 'a/b'],
  ])('keeps the journal in %s under the prefix "%s"', (url, prefix) => {
    expect(read({ SLUICE_JOURNAL_URL: url }).journal).toEqual({ kind: 's3', bucket: 'acme-sluice', prefix });
  });

  it('names the host that webhooks may not point to by the URL of the API', () => {
    expect(read({ SLUICE_PUBLIC_URL: 'https://Sluice.example.com/' }).publicUrl).toBe('https://sluice.example.com');
    expect(mistakes({ SLUICE_PUBLIC_URL: 'https://ada:hunter2@sluice.example.com' })).toMatch(
      /^SLUICE_PUBLIC_URL must be the http\(s\) URL of this API, .*; got "https:\/\/\*\*\*@sluice/,
    );
  });

  it('takes a single address as a block of one', () => {
    expect(read({ SLUICE_ALLOW_PRIVATE_TARGETS: '10.0.0.0/8, 127.0.0.1,::1' }).allowPrivateTargets).toEqual([
      '10.0.0.0/8',
      '127.0.0.1/32',
      '::1/128',
    ]);
  });

  it('accepts the example of every setting that has one to copy', () => {
    for (const [name, setting] of Object.entries(settings)) {
      if (setting.example.startsWith('(')) continue;
      expect(setting.read(setting.example, '/srv'), name).toMatchObject({ ok: true });
    }
  });
});

describe('what is wrong is said', () => {
  it.each([
    [{ SLUICE_HTTP_PORT: '80a' }, 'SLUICE_HTTP_PORT must be a whole number from 0 to 65535; got "80a". Write digits'],
    [{ SLUICE_OVERLAP_SECONDS: '-1' }, 'SLUICE_OVERLAP_SECONDS must be a whole number from 0 to 86400; got "-1"'],
    [{ SLUICE_PULL_INTERVAL_SECONDS: '0' }, 'SLUICE_PULL_INTERVAL_SECONDS must be a whole number from 1 to 86400'],
    [{ SLUICE_START: '2026-02-30' }, 'SLUICE_START must be beginning, now- and a time, or an instant in UTC'],
    [{ SLUICE_START: 'yesterday' }, 'got "yesterday"'],
    [{ SLUICE_SOURCE_URL: 'elastic:9200' }, 'SLUICE_SOURCE_URL must be file: and a path, or the http(s) URL'],
    [{ SLUICE_SOURCE_URL: 'file:' }, 'SLUICE_SOURCE_URL must be file: and a path'],
    [{ ...elasticsearch, SLUICE_SOURCE_URL: 'https://es.example.com/?pretty' }, 'must end before ? and #'],
    [{ SLUICE_SOURCE_URL: 'https://es.example.com' }, 'SLUICE_SOURCE_INDEX must be set when SLUICE_SOURCE_URL is an'],
    [{ SLUICE_SOURCE_INDEX: 'closer*' }, 'SLUICE_SOURCE_INDEX belongs to an Elasticsearch'],
    [{ ...elasticsearch, SLUICE_SOURCE_INDEX: '_all things' }, 'SLUICE_SOURCE_INDEX must be an index name or pattern'],
    [{ SLUICE_SOURCE_ID: 'Closer Logs' }, 'SLUICE_SOURCE_ID must be 1 to 64 of a-z 0-9'],
    [{ SLUICE_SOURCE_TIME_FIELD: 'a b' }, 'SLUICE_SOURCE_TIME_FIELD must be a field name'],
    [{ SLUICE_TENANT: '*' }, 'SLUICE_TENANT must be 1 to 64 of a-z 0-9'],
    [
      { SLUICE_TENANT: 'acme', SLUICE_TENANTS_FILE: 't.json' },
      'SLUICE_TENANT and SLUICE_TENANTS_FILE exclude each other',
    ],
    [{ SLUICE_STATE_URL: 'postgres://x' }, 'SLUICE_STATE_URL must be sqlite: and a path, or dynamodb: and a table'],
    [{ SLUICE_JOURNAL_URL: 's3://B/x' }, 'SLUICE_JOURNAL_URL must be file: and a folder, or s3://bucket/prefix'],
    [
      { SLUICE_JOURNAL_URL: 's3://bucket/a/../b' },
      'SLUICE_JOURNAL_URL must be file: and a folder, or s3://bucket/prefix',
    ],
    [{ SLUICE_QUEUE_URL: 'sqs:https://sqs.example.com/plain' }, 'SLUICE_QUEUE_URL must be inline: or sqs:'],
    [{ SLUICE_SECRETS: 'vault:x' }, 'SLUICE_SECRETS must be env:, file: and a path, or secretsmanager:'],
    [{ SLUICE_ALLOW_PRIVATE_TARGETS: '10.0.0.0/33' }, 'SLUICE_ALLOW_PRIVATE_TARGETS must be CIDR blocks'],
    [{ SLUICE_HTTP_HOST: 'http://x' }, 'SLUICE_HTTP_HOST must be an address or name'],
    [{ SLUICE_SECRETS: 'env:' }, 'SLUICE_SECRET_ROOT_KEY must be set when SLUICE_SECRETS is env:'],
    [
      { SLUICE_SECRET_ROOT_KEY: 'x'.repeat(44) },
      'SLUICE_SECRET_ROOT_KEY is set, but SLUICE_SECRETS reads from elsewhere',
    ],
  ])('%j', (env, message) => {
    expect(mistakes(env as unknown as Record<string, string>)).toContain(message);
  });

  it('lists every mistake at once', () => {
    const message = mistakes({ SLUICE_HTTP_PORT: 'x', SLUICE_START: 'y', SLUICE_TENANTS: 'z' });
    expect(message).toMatch(/^3 settings are wrong:\n- .*\n- .*\n- .*$/);
  });

  it('does not blame one setting for the mistake in another', () => {
    expect(mistakes({ SLUICE_SOURCE_URL: 'elastic:9200', SLUICE_SOURCE_INDEX: 'closer*' })).not.toContain(
      'SLUICE_SOURCE_INDEX',
    );
  });

  it('refuses an unknown setting and suggests the nearest', () => {
    expect(mistakes({ SLUICE_SOURCE_URI: 'x' })).toBe(
      'SLUICE_SOURCE_URI is no setting of Sluice. Did you mean SLUICE_SOURCE_URL?',
    );
    expect(mistakes({ SLUICE_COLOUR_OF_THE_SKY: 'blue' })).toContain('Remove it');
  });

  it('never prints the value of a secret, nor a password in a URL', () => {
    const message = mistakes({
      SLUICE_SECRETS: 'env:',
      SLUICE_SECRET_ROOT_KEY: 'canary-too-short',
      SLUICE_SECRET_ELASTICSEARCH: 'canary-not-json',
      SLUICE_SOURCE_URL: 'https://elastic:canary@canary@es.example.com',
      SLUICE_SOURCE_INDEX: 'closer*',
    });
    expect(message).toContain('3 settings are wrong');
    expect(message).toContain('must not hold a user name or password');
    expect(message).not.toContain('canary');
  });

  it.each(['{"apiKey":""}', '{"username":"u"}', '[]', 'null', 'apiKey'])('refuses the credentials %s', (text) => {
    const env = { SLUICE_SECRETS: 'env:', SLUICE_SECRET_ROOT_KEY: 'k'.repeat(44), SLUICE_SECRET_ELASTICSEARCH: text };
    expect(mistakes(env)).toContain(
      'must be JSON with an API key, or a user name and password; got another text (hidden)',
    );
  });
});

it('keeps no secret in the settings it returns', () => {
  const config = read({
    ...elasticsearch,
    SLUICE_SECRETS: 'env:',
    SLUICE_SECRET_ROOT_KEY: 'canary'.repeat(8),
    SLUICE_SECRET_ELASTICSEARCH: '{"apiKey":"canary"}',
  });
  expect(JSON.stringify(config)).not.toContain('canary');
});
