import { describe, expect, it } from 'vitest';
import {
  closedDigest,
  type DigestObject,
  type DigestState,
  digestDueAtMs,
  digestHash,
  digestName,
  digestOf,
  isDigestState,
  mostDigestObjects,
  withObject,
  withoutObjects,
} from '../../shared/core/digest.ts';
import { noHash } from '../../shared/core/segment.ts';

const hourMs = 3_600_000;
const begin = Date.parse('2026-11-20T10:00:00Z');
const subscription = { id: 'acme-files', tenant: 'acme' };
const chainAfter = (sequence: number): string => String(sequence).padStart(64, 'c');
const anObject = (sequence: number): DigestObject => ({
  sequence,
  object: `tenant=acme/${sequence}.ndjson.gz`,
  sha256: String(sequence).padStart(64, 'a'),
  events: 10,
  chain: chainAfter(sequence),
});

/** The state after the objects of these numbers, delivered `stepMs` apart. */
const stateAfter = (numbers: readonly number[], stepMs = 1, from?: DigestState): DigestState => {
  let state = from;
  for (const [index, sequence] of numbers.entries())
    state = withObject(state, {
      place: 'bucket',
      previous: sequence === 1 ? noHash : chainAfter(sequence - 1),
      object: anObject(sequence),
      nowMs: begin + index * stepMs,
    });
  if (!state) throw new Error('no objects given');
  return state;
};
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

describe('objects on their way into a digest', () => {
  it('gather until they are many', () => {
    const few = stateAfter(numbers(mostDigestObjects - 1));
    expect(few.closedAtMs).toBeUndefined();
    expect(few.objects).toHaveLength(mostDigestObjects - 1);
    expect(stateAfter(numbers(mostDigestObjects)).closedAtMs).toBe(begin + mostDigestObjects - 1);
  });

  it('or until the first of them is an hour old', () => {
    expect(stateAfter([1, 2], hourMs - 1).closedAtMs).toBeUndefined();
    expect(stateAfter([1, 2], hourMs).closedAtMs).toBe(begin + hourMs);
  });

  it('are due an hour after the first, at once when closed, and never when there are none', () => {
    const open = stateAfter([1, 2]);
    expect(digestDueAtMs(open)).toBe(begin + hourMs);
    const closed = closedDigest(open, begin + 5);
    expect(digestDueAtMs(closed)).toBe(begin + 5);
    expect(digestDueAtMs(withoutObjects(closed, digestOf(subscription, closed)))).toBeUndefined();
  });
});

describe('digests', () => {
  const first = closedDigest(stateAfter([1, 2]), begin + hourMs);
  const one = digestOf(subscription, first);
  const second = closedDigest(stateAfter([3], 1, withoutObjects(first, one)), begin + 2 * hourMs);
  const two = digestOf(subscription, second);

  it('are a chain, each on the hash of the one before', () => {
    expect(one).toMatchObject({ sequence: 1, previous: noHash, chain: noHash });
    expect(two).toMatchObject({ sequence: 2, previous: digestHash(one), chain: chainAfter(2) });
    expect(two.objects.map(({ sequence }) => sequence)).toEqual([3]);
  });

  it('follow from the closed state alone', () => {
    expect(digestOf(subscription, first)).toEqual(one);
    expect([one.from, one.to]).toEqual(['2026-11-20T10:00:00.000Z', '2026-11-20T11:00:00.000Z']);
  });

  it('have a name made of what they say, which two never share', () => {
    expect(digestName(one)).toMatch(
      /^digests\/tenant=acme\/subscription=acme-files\/dt=2026-11-20\/2026-11-20T110000\.000Z_0000000001_[0-9a-f]{8}\.json$/,
    );
    expect(digestName({ ...one, chain: chainAfter(9) })).not.toBe(digestName(one));
  });

  it('begin anew in another place, and where something was delivered elsewhere in between', () => {
    const given = { previous: chainAfter(2), object: anObject(3), nowMs: begin };
    const afterTwo = withoutObjects(first, one);
    expect(withObject(afterTwo, { ...given, place: 'bucket' }).sequence).toBe(1);
    for (const elsewhere of [
      withObject(afterTwo, { ...given, place: 'another bucket' }),
      withObject(afterTwo, { ...given, place: 'bucket', previous: chainAfter(7) }),
    ])
      expect(elsewhere).toMatchObject({ sequence: 0, previous: noHash, objects: [anObject(3)] });
  });
});

describe('what is stored', () => {
  const whole = closedDigest(stateAfter([1, 2]), begin);
  const [object] = whole.objects;

  it('is taken when it is whole', () => {
    expect(isDigestState(JSON.parse(JSON.stringify(whole)))).toBe(true);
    expect(isDigestState(withoutObjects(whole, digestOf(subscription, whole)))).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'digest'],
    ['without objects', { ...whole, objects: undefined }],
    ['with an object that is none', { ...whole, objects: [null] }],
    ['with an object of no name', { ...whole, objects: [{ ...object, object: 7 }] }],
    ['with a hash cut short', { ...whole, objects: [{ ...object, sha256: 'abc' }] }],
    ['with a number that is none', { ...whole, closedAtMs: '12' }],
    ['with a chain that is none', { ...whole, chain: '' }],
  ])('is refused: %s', (_, value) => {
    expect(isDigestState(value)).toBe(false);
  });
});
