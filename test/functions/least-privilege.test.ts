import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const text = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
/** The lines of one function. */
const ofFunction = (name: string): string =>
  new RegExp(`^  ${name}:\\n((?:(?: {4}.*)?\\n)+)`, 'm').exec(text)?.[1] ?? '';

describe('the deployed functions', () => {
  it('may do these things and no others', () => {
    const actions = [...text.matchAll(/\bAction: (.*?)(?:, Resource|$)/gm)].flatMap(
      ([, list = '']) => list.match(/\w+:[\w*]+/g) ?? [],
    );
    expect([...new Set(actions)].toSorted()).toEqual([
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
      'secretsmanager:GetSecretValue',
      'sqs:SendMessage',
      'sts:AssumeRole',
    ]);
    expect(text).not.toMatch(/Resource: ["']?\*/);
  });

  it('reach only the partitions of the table that each needs', () => {
    const onTable = text.match(/\bAction: .*dynamodb:/g) ?? [];
    expect(text.match(/dynamodb:LeadingKeys/g)).toHaveLength(onTable.length);
  });

  it('that answer questions write nothing but when a key was used', () => {
    const query = ofFunction('query');
    expect(query).toContain('functions/query/index.handler');
    expect(query).not.toMatch(/s3:|sqs:|sts:|DeleteItem/);
    const writes = [...query.matchAll(/Action:[^\n]*PutItem[\s\S]*?LeadingKeys": (\[[^\]]*\])/g)].map(
      ([, keys]) => keys,
    );
    expect(writes).toEqual(['[key-use]']);
  });

  it('delete nothing of the journal', () => {
    expect(text).not.toMatch(/s3:(Delete|\*)/);
  });
});
