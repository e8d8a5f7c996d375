/**
 * Every setting, once. The reader (`settings.ts`), the README's table and the messages follow this list.
 */
import type { Setting } from './setting.ts';
import {
  readAlertUrl,
  readBlocks,
  readCredentials,
  readFieldName,
  readHost,
  readIndex,
  readJournalUrl,
  readName,
  readPath,
  readPublicUrl,
  readQueueUrl,
  readRootKey,
  readSecrets,
  readSourceUrl,
  readStart,
  readStateUrl,
} from './setting-values.ts';
import { wholeNumber } from './whole-number.ts';

/** By name, without the prefix `SLUICE_`. */
export const settings = {
  DATA: {
    type: 'folder',
    default: '`.sluice`',
    allowed: 'a path',
    consequence: 'Holds the state, journal and secrets that have no setting of their own.',
    example: '/var/lib/sluice',
    read: readPath,
  },

  SOURCE_URL: {
    type: 'URL',
    default: 'the samples of this repository',
    allowed: '`file:` and a path, or `http(s)://` and an Elasticsearch 7.17, 8 or 9',
    consequence: 'Where events are read from. Credentials belong in the secret `elasticsearch`.',
    example: 'https://elastic.example.com:9200',
    read: readSourceUrl,
  },

  SOURCE_INDEX: {
    type: 'index pattern',
    default: 'none; needed with Elasticsearch',
    allowed: 'names and patterns as Elasticsearch takes them, separated by commas',
    consequence: 'Which indices, data streams or aliases are read.',
    example: 'closer*',
    read: readIndex,
  },

  SOURCE_TIME_FIELD: {
    type: 'field name',
    default: '`@timestamp`',
    allowed: 'a field of type `date` or `date_nanos`',
    consequence: 'Orders the events and measures how far the pull has come.',
    example: '@timestamp',
    read: readFieldName,
  },

  SOURCE_ID: {
    type: 'name',
    default: "from the index pattern or the file's name: `closer` for `closer*`",
    allowed: '1 to 64 of `a-z 0-9 . _ -`',
    consequence: 'Names the checkpoint and the journal. Another name begins another journal, from SLUICE_START.',
    example: 'closer',
    read: readName,
  },

  TENANT: {
    type: 'name',
    default: 'none',
    allowed: '1 to 64 of `a-z 0-9 . _ -`; not together with SLUICE_TENANTS_FILE',
    consequence: 'Every event of the source belongs to this tenant.',
    example: 'acme',
    read: readName,
  },

  TENANTS_FILE: {
    type: 'file',
    default: "with the samples, theirs; else none: only an operator's subscription receives events",
    allowed: 'a JSON file',
    consequence: 'The directory that tells whose event it is.',
    example: '/etc/sluice/tenants.json',
    read: readPath,
  },

  START: {
    type: 'moment',
    default: '`beginning`',
    allowed: '`beginning`, `now-` and a time (`s m h d w`), or an instant in UTC',
    consequence: 'Where the first pull of a source begins. Later pulls go on from the checkpoint.',
    example: 'now-30d',
    read: readStart,
  },

  OVERLAP_SECONDS: wholeNumber({
    unit: 'seconds',
    from: 0,
    to: 86_400,
    usual: 300,
    consequence:
      'Each pull reads this much again and so finds events that became visible late. More costs reading, never doubles.',
  }),

  PULL_INTERVAL_SECONDS: wholeNumber({
    unit: 'seconds',
    from: 1,
    to: 86_400,
    usual: 60,
    consequence: 'How often `start` pulls. Deployed functions have their own schedule.',
  }),

  HORIZON_HOURS: wholeNumber({
    unit: 'hours',
    from: 24,
    to: 168,
    usual: 24,
    example: 72,
    consequence:
      'An event that becomes visible at the source this long after its time is still delivered; later ones are counted, and brought by `backfill`.',
  }),

  STATE_URL: {
    type: 'URL',
    default: '`sqlite:` and `state.sqlite` in SLUICE_DATA',
    allowed: '`sqlite:` and a path, or `dynamodb:` and a table',
    consequence: 'Keeps the checkpoint, the cursors and the API keys.',
    example: 'dynamodb:sluice-state',
    read: readStateUrl,
  },

  JOURNAL_URL: {
    type: 'URL',
    default: '`file:` and `journal` in SLUICE_DATA',
    allowed: '`file:` and a folder, or `s3://bucket/prefix`',
    consequence: 'Keeps every event that was read, redacted, for as long as you keep its objects.',
    example: 's3://acme-sluice/journal',
    read: readJournalUrl,
  },

  QUEUE_URL: {
    type: 'URL',
    default: '`inline:`',
    allowed: '`inline:`, or `sqs:` and the URL of a FIFO queue',
    consequence: 'Who delivers: this process, or the function behind the queue.',
    example: 'sqs:https://sqs.eu-central-1.amazonaws.com/123456789012/sluice.fifo',
    read: readQueueUrl,
  },

  SECRETS: {
    type: 'URL',
    default: '`file:` and `secrets.json` in SLUICE_DATA, made with a new folder',
    allowed: '`env:`, `file:` and a path, or `secretsmanager:` and a name',
    consequence: 'Where the secrets `elasticsearch` and `rootKey` are read from.',
    example: 'secretsmanager:sluice/prod',
    read: readSecrets,
  },

  SUBSCRIPTIONS_FILE: {
    type: 'file',
    default: 'none: only subscriptions made by the API or `npx sluice subscriptions create` are delivered',
    allowed: 'a JSON file',
    consequence: 'Who receives what, and where.',
    example: '/etc/sluice/subscriptions.json',
    read: readPath,
  },

  DELIVERIES_AT_ONCE: wholeNumber({
    from: 1,
    to: 200,
    usual: 16,
    consequence:
      'How many subscriptions `start` works at, at a time; those that wait for a slow receiver do not count. More takes more memory.',
  }),

  ALERT_URL: {
    type: 'URL',
    default: 'none: alerts go to the log and the metrics alone',
    allowed: '`https://…`, held against the rules for webhooks',
    consequence:
      'A webhook that is told when a subscription fails, is paused or disabled, and of dead letters. Verified with the secret that `npx sluice alerts secret` prints.',
    example: 'https://alerts.example.com/sluice',
    secret: true,
    read: readAlertUrl,
  },

  ALLOW_PRIVATE_TARGETS: {
    type: 'address blocks',
    default: 'none',
    allowed: 'CIDR blocks, separated by commas',
    consequence:
      'Webhooks may reach these addresses although they are not public; `http:` too where the block is loopback.',
    example: '10.20.0.0/16,127.0.0.0/8',
    read: readBlocks,
  },

  HTTP_HOST: {
    type: 'address',
    default: '`127.0.0.1`',
    allowed: 'an address or name of this machine',
    consequence: 'Where `start` answers HTTP. It speaks no TLS: put a proxy in front before opening it to others.',
    example: '127.0.0.1',
    read: readHost,
  },

  HTTP_PORT: wholeNumber({
    from: 0,
    to: 65_535,
    usual: 3000,
    note: '0 takes any free port',
    consequence: 'Where `start` answers HTTP.',
  }),

  PUBLIC_URL: {
    type: 'URL',
    default: 'none',
    allowed: '`https://` (or `http://`) and a host, without user name, query and fragment',
    consequence: 'Where others reach the HTTP API. A webhook that points to this host is refused.',
    example: 'https://sluice.example.com',
    read: readPublicUrl,
  },

  SECRET_ELASTICSEARCH: {
    type: 'JSON',
    default: 'none: Elasticsearch is asked without credentials',
    allowed: '`{ "apiKey": "…" }` or `{ "username": "…", "password": "…" }`; with `SLUICE_SECRETS=env:`',
    consequence: 'Lets the pull and the query read Elasticsearch.',
    example: '{ "apiKey": "…" }',
    secret: true,
    read: readCredentials,
  },

  SECRET_ROOT_KEY: {
    type: 'text',
    default: 'none; needed with `SLUICE_SECRETS=env:`',
    allowed: 'at least 32 characters, chosen at random',
    consequence:
      'Signing secrets and query cursors are derived from it: a new one changes them all. URLs and headers of stored webhooks are sealed under it. Replaced without SLUICE_SECRET_ROOT_KEY_PREVIOUS, stored destinations cannot be opened any more.',
    example: '(openssl rand -base64 32)',
    secret: true,
    read: readRootKey,
  },

  SECRET_ROOT_KEY_PREVIOUS: {
    type: 'text',
    default: 'none',
    allowed: 'as SLUICE_SECRET_ROOT_KEY',
    consequence: 'While a rotation lasts, what was signed or sealed with the old key still verifies.',
    example: '(the key before)',
    secret: true,
    read: readRootKey,
  },
} satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingName = keyof typeof settings;
