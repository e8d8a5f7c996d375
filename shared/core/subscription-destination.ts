/** The `destination` of a subscription as it is written. */
import { resolve } from 'node:path';
import { checkTarget } from './address/target.ts';
import { bucketShape, prefixShape, withoutEndSlash } from './bucket-shape.ts';
import { withoutPath } from './errors.ts';
import type { DestinationSettings } from './subscription.ts';
import type { SubscriptionRules } from './subscription-rules.ts';
import { headerMistakes } from './webhook/headers.ts';
import {
  type Fields,
  fieldsOf,
  isObject,
  kindOf,
  type Mistakes,
  type Path,
  textLike,
  type Written,
} from './written.ts';

/**
 * The checked destination; `undefined` together with a mistake if it cannot be used. A mistake never repeats the value of a URL or header,
 * which may be a credential.
 */
export const parseDestination = (
  written: unknown,
  path: Path,
  rules: SubscriptionRules,
  mistakes: Mistakes,
): DestinationSettings | undefined => {
  if (!isObject(written)) {
    mistakes.add(path, `must be an object; got ${kindOf(written)}; write { "type": "webhook", "url": "https://…" }`);
    return undefined;
  }
  switch (written['type']) {
    case 'webhook':
      return parseWebhook(written, path, rules, mistakes);
    case 'poll':
      fieldsOf(written, path, ['type'], mistakes);
      return { type: 'poll' };
    case 's3':
      return parseS3(written, path, rules, mistakes);
    case 'folder':
      if (rules.from === 'file') return parseFolder(written, path, rules.cwd, mistakes);
      mistakes.add([...path, 'type'], 'folder is only for the settings file; write "webhook", "s3" or "poll"');
      return undefined;
    default: {
      const types = rules.from === 'file' ? 'webhook, s3, poll or folder' : 'webhook, s3 or poll';
      mistakes.add([...path, 'type'], `must be ${types}; got ${typeShown(written['type'])}; write "webhook"`);
      return undefined;
    }
  }
};

const typeShown = (type: unknown): string =>
  typeof type === 'string' && /^[\w-]{1,20}$/.test(type) ? `"${type}"` : kindOf(type);

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const parseWebhook = (
  written: Written,
  path: Path,
  { allowPrivateTargets, own = [] }: SubscriptionRules,
  mistakes: Mistakes,
): DestinationSettings | undefined => {
  const fields = fieldsOf(written, path, ['type', 'url', 'headers', 'signatures', 'compression'], mistakes);
  const { url } = written;
  const headers = parseHeaders(written['headers'], fields.path('headers'), mistakes);
  const signatures = fields.optional(
    'signatures',
    isSignatures,
    'must be ["v1"] or ["v1", "v1a"]',
    'write ["v1", "v1a"]',
  );
  const compression = fields.optional('compression', isGzip, 'must be gzip', 'write "gzip", or leave it out');
  if (!isText(url)) {
    mistakes.add(
      fields.path('url'),
      `must be an https:// URL; got ${url === '' ? 'an empty text' : kindOf(url)}; write "https://hooks.example.com/…"`,
    );
    return undefined;
  }
  const check = checkTarget(url, { allow: allowPrivateTargets, own });
  if (check.kind === 'refused') {
    mistakes.add(fields.path('url'), `must be the URL of a public receiver; got ${withoutPath(url)}; ${check.reason}`);
    return undefined;
  }
  return {
    type: 'webhook',
    url,
    ...(headers && { headers }),
    ...(signatures?.includes('v1a') && { signatures: ['v1', 'v1a'] }),
    ...(compression && { compression }),
  };
};

/** A header's value often is a credential, so no mistake repeats it. */
const parseHeaders = (
  written: unknown,
  path: Path,
  mistakes: Mistakes,
): Readonly<Record<string, string>> | undefined => {
  if (written === undefined) return undefined;
  if (!isObject(written) || !Object.values(written).every((value) => typeof value === 'string')) {
    mistakes.add(path, 'must be an object of texts; got something else; write { "X-Team": "soc" }');
    return undefined;
  }
  const headers = written as Readonly<Record<string, string>>;
  for (const mistake of headerMistakes(headers)) mistakes.add(path, mistake);
  return headers;
};

const isSignatures = (value: unknown): value is readonly ('v1' | 'v1a')[] =>
  Array.isArray(value) &&
  value.length <= 2 &&
  value.includes('v1') &&
  value.every((each) => each === 'v1' || each === 'v1a');

const isGzip = (value: unknown): value is 'gzip' => value === 'gzip';

const parseFolder = (
  written: Written,
  path: Path,
  cwd: string,
  mistakes: Mistakes,
): DestinationSettings | undefined => {
  const fields = fieldsOf(written, path, ['type', 'path'], mistakes);
  const folder = fields.needed('path', isText, 'must be a path', 'write, for example, "/var/lib/acme-events"');
  return folder === undefined ? undefined : { type: 'folder', path: resolve(cwd, folder) };
};

const regionShape = /^[a-z]{2}(-[a-z]+)+-\d$/;
const roleShape = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;
/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (ExternalId) */
const externalIdShape = /^[\w+=,.@:/-]{2,1224}$/;

const parseS3 = (
  written: Written,
  path: Path,
  rules: SubscriptionRules,
  mistakes: Mistakes,
): DestinationSettings | undefined => {
  const fields = fieldsOf(written, path, ['type', 'bucket', 'prefix', 'region', 'roleArn', 'externalId'], mistakes);
  const bucket = fields.needed(
    'bucket',
    textLike(bucketShape),
    'must be the name of a bucket',
    'write, for example, "acme-security-events"',
  );
  const prefix = fields.optional(
    'prefix',
    textLike(prefixShape),
    'must be letters, digits, . _ = - and single / between them',
    'write, for example, "closer"',
  );
  const region = fields.needed(
    'region',
    textLike(regionShape),
    'must be an AWS region',
    'write, for example, "eu-central-1"',
  );
  const roleArn = parseRole(fields, rules);
  const externalId = parseExternalId(fields, written, rules, mistakes);
  if (bucket === undefined || region === undefined || (rules.from === 'api' && roleArn === undefined)) return undefined;
  return {
    type: 's3',
    bucket,
    prefix: withoutEndSlash(prefix ?? ''),
    region,
    ...(roleArn !== undefined && { roleArn }),
    ...(externalId !== undefined && { externalId }),
  };
};

/** A customer must name a role: without one our own credentials would write, which also reach other buckets. */
const parseRole = ({ needed, optional }: Fields, { from }: SubscriptionRules): string | undefined =>
  (from === 'api' ? needed : optional)(
    'roleArn',
    textLike(roleShape),
    'must be the ARN of a role that may write to the bucket',
    'write, for example, "arn:aws:iam::123456789012:role/sluice"',
  );

const parseExternalId = (
  { optional, path }: Fields,
  { externalId: written }: Written,
  rules: SubscriptionRules,
  mistakes: Mistakes,
): string | undefined => {
  if (rules.from === 'file')
    return optional(
      'externalId',
      textLike(externalIdShape),
      'must be 2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / -',
      'write the external id of the role',
    );
  if (written !== undefined && written !== rules.externalId)
    mistakes.add(path('externalId'), 'is made by Sluice and never changes; leave it out, the answer shows it');
  return rules.externalId;
};
