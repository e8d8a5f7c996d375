/** The `destination` of a subscription as it is written. */
import { resolve } from 'node:path';
import { checkTarget } from './address/target.ts';
import { bucketShape, prefixShape, withoutEndSlash } from './bucket-shape.ts';
import { withoutPath } from './errors.ts';
import type { DestinationSettings } from './subscription.ts';
import { headerMistakes } from './webhook/headers.ts';
import { fieldsOf, got, isObject, type Mistakes, textLike, type Written } from './written.ts';

export interface DestinationRules {
  readonly allowPrivateTargets: readonly string[];
  /** Names and addresses of Sluice itself: `TargetRules.own`. */
  readonly own?: readonly string[];
  /** Where the relative path of a folder begins, absolute. */
  readonly cwd: string;
}

/** The checked destination; `undefined` when it cannot be used, which is then among the mistakes. */
export const parseDestination = (
  written: unknown,
  path: string,
  rules: DestinationRules,
  mistakes: Mistakes,
): DestinationSettings | undefined => {
  if (!isObject(written)) {
    mistakes.add(path, `must be an object; got ${got(written)}; write { "type": "webhook", "url": "https://…" }`);
    return undefined;
  }
  switch (written['type']) {
    case 'webhook':
      return parseWebhook(written, path, rules, mistakes);
    case 'folder':
      return parseFolder(written, path, rules, mistakes);
    case 's3':
      return parseS3(written, path, mistakes);
    default:
      mistakes.add(`${path}.type`, `must be webhook, folder or s3; got ${got(written['type'])}; write "webhook"`);
      return undefined;
  }
};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const parseWebhook = (
  written: Written,
  path: string,
  rules: DestinationRules,
  mistakes: Mistakes,
): DestinationSettings | undefined => {
  const fields = fieldsOf(written, path, ['type', 'url', 'headers'], mistakes);
  const { url, headers } = written;
  const hasHeaders = isObject(headers) && Object.values(headers).every((value) => typeof value === 'string');
  // A header's value often is a credential: whatever is wrong with it, it is not repeated.
  if (headers !== undefined && !hasHeaders)
    mistakes.add(fields.path('headers'), 'must be an object of texts; got something else; write { "X-Team": "soc" }');
  const checkedHeaders = hasHeaders ? (headers as Readonly<Record<string, string>>) : undefined;
  for (const mistake of checkedHeaders ? headerMistakes(checkedHeaders) : [])
    mistakes.add(fields.path('headers'), mistake);

  if (!isText(url)) {
    mistakes.add(
      fields.path('url'),
      `must be an https:// URL; got ${url === undefined ? 'nothing' : 'no text'}; write "https://hooks.example.com/…"`,
    );
    return undefined;
  }
  const check = checkTarget(url, { allow: rules.allowPrivateTargets, ...(rules.own && { own: rules.own }) });
  if (check.kind === 'refused') {
    mistakes.add(fields.path('url'), `must be the URL of a public receiver; got ${withoutPath(url)}; ${check.reason}`);
    return undefined;
  }
  return { type: 'webhook', url, ...(checkedHeaders && { headers: checkedHeaders }) };
};

const parseFolder = (
  written: Written,
  path: string,
  rules: DestinationRules,
  mistakes: Mistakes,
): DestinationSettings | undefined => {
  const fields = fieldsOf(written, path, ['type', 'path'], mistakes);
  const folder = fields.needed('path', isText, 'must be a path', 'write, for example, "/var/lib/acme-events"');
  return folder === undefined ? undefined : { type: 'folder', path: resolve(rules.cwd, folder) };
};

const regionShape = /^[a-z]{2}(-[a-z]+)+-\d$/;
const roleShape = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;
/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (ExternalId) */
const externalIdShape = /^[\w+=,.@:/-]{2,1224}$/;

const parseS3 = (written: Written, path: string, mistakes: Mistakes): DestinationSettings | undefined => {
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
  const roleArn = fields.optional(
    'roleArn',
    textLike(roleShape),
    'must be the ARN of a role',
    'write, for example, "arn:aws:iam::123456789012:role/sluice"',
  );
  const externalId = fields.optional(
    'externalId',
    textLike(externalIdShape),
    'must be 2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / -',
    'write the external id of the role',
  );
  if (bucket === undefined || region === undefined) return undefined;
  return {
    type: 's3',
    bucket,
    prefix: withoutEndSlash(prefix ?? ''),
    region,
    ...(roleArn !== undefined && { roleArn }),
    ...(externalId !== undefined && { externalId }),
  };
};
