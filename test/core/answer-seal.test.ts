import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { nonceBytes, openAnswer, sealAnswer } from '../../shared/core/answer-seal.ts';

const rootKey = 'a root key of the tests, long enough';
const bound = { tenant: 'acme', id: 'one' };
const answer = { status: 201, body: { secret: 'whsec_x' } };
const seal = () => sealAnswer(rootKey, bound, answer, randomBytes(nonceBytes));

it('a sealed answer opens as it was', () => {
  expect(openAnswer(rootKey, bound, seal())).toEqual(answer);
});

it('the same answer is sealed differently each time, and shows nothing', () => {
  const texts = [seal(), seal()];
  expect(new Set(texts).size).toBe(2);
  for (const text of texts) expect(Buffer.from(text, 'base64url').toString('latin1')).not.toContain('whsec');
});

it('opens for no other key, tenant or record, and not when a bit of it was changed', () => {
  const text = seal();
  expect(openAnswer('another root key of the tests, as long', bound, text)).toBeUndefined();
  expect(openAnswer(rootKey, { ...bound, tenant: 'bolt' }, text)).toBeUndefined();
  expect(openAnswer(rootKey, { ...bound, id: 'other' }, text)).toBeUndefined();
  expect(openAnswer(rootKey, bound, '')).toBeUndefined();
  const bytes = Buffer.from(text, 'base64url');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(openAnswer(rootKey, bound, changed.toString('base64url'))).toBeUndefined();
  }
});
