import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signWebhook, subscriptionSecret } from '../../shared/core/webhook/signature.ts';

const rootKey = 'a root key of thirty-two characters or more';
const secret = subscriptionSecret(rootKey, 'acme-soc');
const oldSecret = subscriptionSecret(rootKey, 'acme-soc', 2);
const body = '{"type":"closer.security.events","text":"Ä“"}';
const nowSeconds = Math.floor(Date.now() / 1000);

type Headers = Readonly<Record<string, string>>;

const signed = (timestampSeconds = nowSeconds, secrets = [secret]): Headers => ({
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(timestampSeconds),
  'webhook-signature': signWebhook({ id: 'msg_1', timestampSeconds, body: Buffer.from(body), secrets }),
});
const without = (name: string): Headers => Object.fromEntries(Object.entries(signed()).filter(([key]) => key !== name));
const signature = signed()['webhook-signature'] ?? '';

/** What a library of the standard signs for the same secret. */
const signedByLibrary = (): Headers => {
  const signature = new Webhook(secret).sign('msg_1', new Date(nowSeconds * 1000), body);
  return { ...signed(), 'webhook-signature': signature };
};

const cases: readonly (readonly [
  string,
  boolean,
  { readonly headers: Headers; readonly body?: string; readonly secret?: string },
])[] = [
  ['what was signed', true, { headers: signed() }],
  ['what the reference library signed', true, { headers: signedByLibrary() }],
  [
    'an asymmetric signature beside the one it knows',
    true,
    { headers: { ...signed(), 'webhook-signature': `v1a,${'A'.repeat(86)}== ${signature}` } },
  ],
  [
    'an asymmetric signature alone',
    false,
    { headers: { ...signed(), 'webhook-signature': `v1a,${'A'.repeat(86)}==` } },
  ],
  ['a secret without its prefix', true, { headers: signed(), secret: secret.replace('whsec_', '') }],
  ['the new one of two signatures', true, { headers: signed(nowSeconds, [secret, oldSecret]) }],
  ['the old one of two signatures', true, { headers: signed(nowSeconds, [oldSecret, secret]) }],
  [
    'a good signature among others',
    true,
    { headers: { ...signed(), 'webhook-signature': `v2,abc v1,abcd ${signature}` } },
  ],
  ['four minutes ago', true, { headers: signed(nowSeconds - 240) }],
  ['six minutes ago', false, { headers: signed(nowSeconds - 360) }],
  ['six minutes ahead', false, { headers: signed(nowSeconds + 360) }],
  ['another body', false, { headers: signed(), body: `${body} ` }],
  ['another secret', false, { headers: signed(), secret: oldSecret }],
  ['another id', false, { headers: { ...signed(), 'webhook-id': 'msg_2' } }],
  ['another time', false, { headers: { ...signed(), 'webhook-timestamp': String(nowSeconds + 1) } }],
  ['a time that is no number', false, { headers: { ...signed(), 'webhook-timestamp': 'now' } }],
  ['no id', false, { headers: without('webhook-id') }],
  ['no time', false, { headers: without('webhook-timestamp') }],
  ['no signature', false, { headers: without('webhook-signature') }],
  ['an empty signature', false, { headers: { ...signed(), 'webhook-signature': 'v1,' } }],
  ['half a signature', false, { headers: { ...signed(), 'webhook-signature': signature.slice(0, 20) } }],
  [
    'another version of the same signature',
    false,
    { headers: { ...signed(), 'webhook-signature': signature.replace('v1', 'v2') } },
  ],
  ['letters outside ASCII', false, { headers: { ...signed(), 'webhook-signature': `v1,${'Ä'.repeat(44)}` } }],
];

const page = readFileSync(new URL('../../docs/verify-webhook.md', import.meta.url), 'utf8');
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(page)?.[1] ?? '';

const inputs = JSON.stringify(cases.map(([, , given]) => ({ body, secret, ...given })));

const typescriptMain = `
import { readFileSync } from 'node:fs';
const cases = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(cases.map((each) => verify(each.secret, each.headers, Buffer.from(each.body)))));
`;
const pythonMain = `
import json, sys
print(json.dumps([verify(each["secret"], each["headers"], each["body"].encode()) for each in json.load(sys.stdin)]))
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-verify-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The verdicts of a snippet, run as a program of its own. */
const verdicts = (command: string, file: string, source: string): unknown => {
  const path = join(folder, file);
  writeFileSync(path, source);
  const { status, stdout, stderr } = spawnSync(command, [path], { input: inputs, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
};
const expected = cases.map(([, verdict]) => verdict);
const named = (found: unknown): unknown =>
  Array.isArray(found) ? cases.map(([name], at) => [name, found[at] as unknown]) : found;
const asPromised = named(expected);

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('the ten lines that verify a webhook', () => {
  it('in TypeScript accept what Sluice signs, and nothing else', () => {
    expect(named(verdicts(process.execPath, 'verify.mts', block('ts') + typescriptMain))).toEqual(asPromised);
  });

  it.skipIf(!hasPython)('in Python do so too (needs python3)', () => {
    expect(named(verdicts('python3', 'verify.py', block('python') + pythonMain))).toEqual(asPromised);
  });

  it.each(['ts', 'python'])('in %s are ten, imports and empty lines aside', (language) => {
    const lines = block(language)
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^import|"""|\/\*\*/.test(line.trim()));
    expect(lines.length).toBeLessThanOrEqual(10);
  });
});

/** Says of each case whether the library of the language takes it. */
const pythonLibrary = `
from standardwebhooks import Webhook

def verify(secret, headers, body):
    try:
        return Webhook(secret).verify(body, headers) is not None
    except Exception:
        return False
`;
const hasPythonLibrary = spawnSync('python3', ['-c', 'import standardwebhooks']).status === 0;

describe('the library of the standard', () => {
  /** Of a secret without its prefix and of a time that is no number libraries think as they like. */
  const agreed = cases.filter(([name]) => !name.startsWith('a secret without') && !name.startsWith('letters outside'));

  it('in TypeScript says the same of every case', () => {
    for (const [name, verdict, given] of agreed) {
      const { headers, body: of = body, secret: its = secret } = given;
      const check = (): unknown => new Webhook(its).verify(of, { ...headers });
      if (verdict) expect(check(), name).toEqual(JSON.parse(of));
      else expect(check, name).toThrow();
    }
  });

  it.skipIf(!hasPythonLibrary)('in Python says the same (needs: pip install standardwebhooks)', () => {
    const found = verdicts('python3', 'library.py', pythonLibrary + pythonMain) as readonly boolean[];
    for (const [at, [name, verdict]] of cases.entries())
      if (agreed.some(([each]) => each === name)) expect(found[at], name).toBe(verdict);
  });
});

it('is the same in README.md', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  for (const language of ['ts', 'python']) expect(readme).toContain(block(language));
});
