import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventKey } from '../../../shared/core/event-key.ts';
import { keyLedger, type LedgerEntry } from '../../../shared/flows/verify/key-ledger.ts';
import { memoryScratch } from '../../mutations/verified.ts';

const entry = (id: string, seq: number, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  key: eventKey('closer', id),
  seq,
  block: 'owned',
  timeMs: 1000,
  ...more,
});

const repetitionsOf = async (entries: readonly LedgerEntry[], unknownUpTo = 0) => {
  const ledger = keyLedger(memoryScratch());
  for (const each of entries) {
    ledger.add(each);
    await ledger.flush();
  }
  return ledger.close(unknownUpTo);
};

describe('an event stands in the journal once', () => {
  it('and twice is found, in the segment where it came again', async () => {
    const { first } = await repetitionsOf([entry('a', 1), entry('b', 1), entry('a', 7), entry('b', 4)]);
    expect(first).toEqual({ kind: 'again', key: eventKey('closer', 'b'), first: 1, seq: 4 });
  });

  it('and twice without a time is found', async () => {
    const { first } = await repetitionsOf([
      entry('a', 1, { timeMs: Number.NaN }),
      entry('a', 2, { timeMs: Number.NaN }),
    ]);
    expect(first).toMatchObject({ kind: 'again', seq: 2 });
  });

  it('with another time it is another event: its document was changed at the source', async () => {
    expect(await repetitionsOf([entry('a', 1), entry('a', 2, { timeMs: 2000 })])).toEqual({
      first: undefined,
      changedAtSource: 1,
    });
  });

  it('found among a hundred thousand others that do not fit in memory', async () => {
    const many = Array.from({ length: 100_000 }, (_, n) => entry(String(n), 1 + Math.floor(n / 1000)));
    const { first } = await repetitionsOf([...many, entry('4711', 200)]);
    expect(first).toEqual({ kind: 'again', key: eventKey('closer', '4711'), first: 5, seq: 200 });
    expect((await repetitionsOf(many)).first).toBeUndefined();
  });
});

describe('an event that nobody owned', () => {
  const unowned = entry('a', 1, { block: 'unowned' });
  const reattributed = entry('a', 3, { block: 'reattributed' });

  it('may stand once more under its owner', async () => {
    expect((await repetitionsOf([unowned, reattributed])).first).toBeUndefined();
  });

  it('but not twice more', async () => {
    const { first } = await repetitionsOf([unowned, reattributed, { ...reattributed, seq: 5 }]);
    expect(first).toMatchObject({ kind: 'again', first: 3, seq: 5 });
  });

  it.each([
    ['that somebody owned', [entry('a', 1), reattributed], 1],
    ['that never stood there', [reattributed], 0],
    ['that stood there only later', [{ ...unowned, seq: 4 }, reattributed], 0],
  ])('is none %s: that is found', async (_, entries, first) => {
    expect((await repetitionsOf(entries)).first).toEqual({
      kind: 'owned before',
      key: eventKey('closer', 'a'),
      first,
      seq: 3,
    });
  });

  it('may have expired where it stood first', async () => {
    expect((await repetitionsOf([reattributed], 2)).first).toBeUndefined();
  });
});

it('keys that begin alike are told apart to the last bit', async () => {
  const key = hash('sha256', 'a', 'base64url').slice(0, 20);
  const alike = ['AA', 'AQ', 'BA'].map((end, at) => entry('', at + 1, { key: key + end }));
  expect(await repetitionsOf(alike)).toEqual({ first: undefined, changedAtSource: 0 });
});
