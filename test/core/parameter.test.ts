import { describe, expect, it } from 'vitest';
import { attempt, gather } from '../../shared/core/gather.ts';
import { onlyText, onlyValue } from '../../shared/core/parameter.ts';

describe('a parameter that must not be repeated', () => {
  it.each([
    [undefined, undefined],
    [' asc ', 'asc'],
    [['asc'], 'asc'],
    [7, '7'],
  ])('%j is read as %j', (written, text) => {
    expect(onlyText('sort', written)).toBe(text);
  });

  it.each([
    [['asc', 'asc'], 'is given more than once. Give it once.'],
    [[], 'is an empty list. Give one value, or leave it out.'],
    [null, 'must be text; got "null".'],
    [{ a: 1 }, 'must be text; got "{\\"a\\":1}".'],
  ])('%j is a mistake', (written, sentence) => {
    expect(() => onlyText('sort', written)).toThrow(sentence);
  });

  it('keeps its blanks where they may mean something', () => {
    expect(onlyValue('q', ' user.id: a')).toBe(' user.id: a');
  });
});

describe('a question read piece by piece', () => {
  const wrong = (name: string) => () => onlyText(name, []);

  it('is all of its values', () => {
    expect(gather({ size: () => 5, by: attempt(() => 'user.id') })).toEqual({ size: 5, by: 'user.id' });
  });

  it('is every mistake, in the order of the pieces, whenever each was read', () => {
    const late = attempt(wrong('late'));
    expect(() => gather({ early: wrong('early'), good: () => 1, late })).toThrow(/^early: .* late: /);
  });

  it('is no mistake of the caller when our own code breaks', () => {
    const broken = () => {
      throw new TypeError('a bug');
    };
    expect(() => gather({ broken })).toThrow(new TypeError('a bug'));
  });
});
