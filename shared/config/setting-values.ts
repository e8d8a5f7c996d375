/** The kinds of values that settings have, each read from its text. Pure: nothing is opened or looked up. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bucketShape, prefixShape, withoutEndSlash } from '../core/bucket-shape.ts';
import { tenantIdShape } from '../core/event.ts';
import { existingInstant } from '../core/existing-instant.ts';
import type { Config } from './config.ts';
import { good, type Reading, wrong } from './setting.ts';

export const readPath = (text: string, cwd: string): Reading<string> => good(resolve(cwd, text));

export const readName = (text: string): Reading<string> =>
  tenantIdShape.test(text)
    ? good(text)
    : wrong(
        'must be 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit',
        'Write a short name, for example acme.',
      );

export const readIndex = (text: string): Reading<string> =>
  /[\s?#"\\<>|]/.test(text) || /^[_+]/.test(text) || new TextEncoder().encode(text).length > 2048
    ? wrong('must be an index name or pattern', 'Write one as in a search, for example closer*.')
    : good(text);

export const readFieldName = (text: string): Reading<string> =>
  /^[A-Za-z0-9_@][A-Za-z0-9_@.-]{0,254}$/.test(text)
    ? good(text)
    : wrong('must be a field name', 'Write the date field of the index, for example @timestamp.');

export const readHost = (text: string): Reading<string> =>
  /^[A-Za-z0-9.:_-]{1,253}$/.test(text)
    ? good(text)
    : wrong('must be an address or name of this machine', 'Write one without port, for example 127.0.0.1.');

export type SourceUrl =
  | { readonly kind: 'ndjson'; readonly path: string }
  | { readonly kind: 'elasticsearch'; readonly url: string };

export const readSourceUrl = (text: string, cwd: string): Reading<SourceUrl> => {
  const path = pathAfterScheme(text, 'file', cwd);
  if (path !== undefined) return good({ kind: 'ndjson', path });
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    return wrong(
      'must be file: and a path, or the http(s) URL of an Elasticsearch',
      'Write, for example, file:log.ndjson or https://elastic.example.com:9200.',
    );
  if (url.username !== '' || url.password !== '')
    return wrong('must not hold a user name or password', 'Put them in the secret elasticsearch, see SLUICE_SECRETS.');
  if (url.search !== '' || url.hash !== '')
    return wrong('must end before ? and #', 'Write scheme, host, port and, behind a proxy, its path.');
  return good({ kind: 'elasticsearch', url: text });
};

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

export const readStart = (text: string): Reading<Config['start']> => {
  if (text === 'beginning') return good({ kind: 'beginning' });
  const ago = /^now-(\d{1,6})([smhdw])$/.exec(text);
  if (ago) return good({ kind: 'ago', ms: Number(ago[1]) * unitMs[ago[2] as keyof typeof unitMs] });
  const instant = existingInstant(text);
  return instant === undefined
    ? wrong(
        'must be beginning, now- and a time, or an instant in UTC',
        'Write, for example, now-30d or 2026-01-31T00:00:00Z.',
      )
    : good({ kind: 'at', instant });
};

export const readStateUrl = (text: string, cwd: string): Reading<Config['state']> => {
  const path = pathAfterScheme(text, 'sqlite', cwd);
  if (path !== undefined) return good({ kind: 'sqlite', path });
  const table = afterScheme(text, 'dynamodb');
  return table !== undefined && /^[A-Za-z0-9_.-]{3,255}$/.test(table)
    ? good({ kind: 'dynamodb', table })
    : wrong(
        'must be sqlite: and a path, or dynamodb: and a table of 3 to 255 letters, digits, _ . -',
        'Write, for example, sqlite:state.sqlite or dynamodb:sluice-state.',
      );
};

export const readJournalUrl = (text: string, cwd: string): Reading<Config['journal']> => {
  const path = pathAfterScheme(text, 'file', cwd);
  if (path !== undefined) return good({ kind: 'folder', path });
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/.exec(text) ?? [];
  return bucketShape.test(bucket) && prefixShape.test(prefix)
    ? good({ kind: 's3', bucket, prefix: withoutEndSlash(prefix) })
    : wrong(
        'must be file: and a folder, or s3://bucket/prefix',
        'Write, for example, file:journal or s3://acme-sluice/journal.',
      );
};

export const readQueueUrl = (text: string): Reading<Config['queue']> => {
  if (text === 'inline:') return good({ kind: 'inline' });
  const url = afterScheme(text, 'sqs');
  return url !== undefined && /^https?:\/\//.test(url) && URL.canParse(url) && url.endsWith('.fifo')
    ? good({ kind: 'sqs', url })
    : wrong(
        'must be inline: or sqs: and the URL of a FIFO queue',
        'Write, for example, sqs:https://sqs.eu-central-1.amazonaws.com/123456789012/sluice.fifo.',
      );
};

/** Where it may lead is decided with the other settings. */
export const readAlertUrl = (text: string): Reading<string> =>
  /^https?:\/\//.test(text) && URL.canParse(text)
    ? good(text)
    : wrong('must be the URL of a webhook', 'Write, for example, https://alerts.example.com/sluice.');

export const readSecrets = (text: string, cwd: string): Reading<Config['secrets']> => {
  if (text === 'env:') return good({ kind: 'env' });
  const path = pathAfterScheme(text, 'file', cwd);
  if (path !== undefined) return good({ kind: 'file', path, create: false });
  const name = afterScheme(text, 'secretsmanager');
  return name !== undefined && /^[A-Za-z0-9/_+=.@:-]{1,512}$/.test(name)
    ? good({ kind: 'secretsmanager', name })
    : wrong(
        'must be env:, file: and a path, or secretsmanager: and a name',
        'Write, for example, secretsmanager:sluice/prod.',
      );
};

export const readBlocks = (text: string): Reading<readonly string[]> => {
  const blocks = text.split(',').map((part) => addressBlock(part.trim()));
  return blocks.every((block) => block !== undefined)
    ? good(blocks)
    : wrong('must be CIDR blocks separated by commas', 'Write, for example, 10.20.0.0/16,127.0.0.0/8.');
};

export const readPublicUrl = (text: string): Reading<string> => {
  const url = URL.parse(text);
  return url && /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}${url.hash}` === ''
    ? good(url.href.replace(/\/$/, ''))
    : wrong(
        'must be the http(s) URL of this API, without user name, query and fragment',
        'Write, for example, https://sluice.example.com.',
      );
};

export const readCredentials = (text: string): Reading<string> => {
  const filled = (value: unknown) => typeof value === 'string' && value !== '';
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) {
      const { apiKey, username, password } = parsed as Record<string, unknown>;
      if (filled(apiKey) || (filled(username) && filled(password))) return good(text);
    }
  } catch {
    // Not JSON: answered below like JSON of another form, because the text is a secret and must not be quoted.
  }
  return wrong(
    'must be JSON with an API key, or a user name and password',
    'Write { "apiKey": "…" } or { "username": "…", "password": "…" }.',
  );
};

export const readRootKey = (text: string): Reading<string> =>
  text.length >= 32 ? good(text) : wrong('must be at least 32 characters', 'Make one with: openssl rand -base64 32');

/** The part after `scheme:`, or `undefined` when the text has another scheme. */
const afterScheme = (text: string, scheme: string): string | undefined =>
  text.startsWith(`${scheme}:`) ? text.slice(scheme.length + 1) : undefined;

/** The absolute path behind `file:log.ndjson`, `file:/var/log.ndjson` or `file:///var/log.ndjson`; relative ones lie in `cwd`. */
const pathAfterScheme = (text: string, scheme: string, cwd: string): string | undefined => {
  const rest = afterScheme(text, scheme);
  if (rest === undefined || rest === '' || rest === '//') return undefined;
  if (!rest.startsWith('//')) return resolve(cwd, rest);
  const url = `file:${rest}`;
  return URL.canParse(url) && new URL(url).host === '' ? fileURLToPath(url) : undefined;
};

/** A CIDR block; a single address is a block of one. `undefined` when it is neither. */
const addressBlock = (text: string): string | undefined => {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0 || address.includes('%')) return undefined;
  const most = version === 4 ? 32 : 128;
  if (prefix === undefined) return `${address}/${most}`;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= most ? `${address}/${Number(prefix)}` : undefined;
};
