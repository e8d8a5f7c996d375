import { describe, expect, it } from 'vitest';
import { BadParameters } from '../../shared/core/bad-parameters.ts';
import { BadRequest, OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { problemOf } from '../../shared/core/problem.ts';

describe('a problem document', () => {
  it('names every mistake of the caller', () => {
    const error = new BadParameters([
      { field: 'from', detail: 'is later than to.' },
      { field: 'ip', detail: 'must be an address.' },
      { field: 'ip', detail: 'must be an address, too.' },
    ]);
    expect(problemOf(error)).toEqual({
      type: 'urn:sluice:problem:invalid-parameters',
      title: 'The question cannot be answered as it is written',
      status: 400,
      detail: 'Correct from, ip and ask again.',
      errors: [
        { parameter: 'from', detail: 'is later than to.' },
        { parameter: 'ip', detail: 'must be an address.' },
        { parameter: 'ip', detail: 'must be an address, too.' },
      ],
    });
    expect(problemOf(new BadRequest('cursor', 'is not one that was given here.'))).toMatchObject({
      status: 400,
      errors: [{ parameter: 'cursor', detail: 'is not one that was given here.' }],
    });
  });

  it.each([
    [new RetryLater('https://ada:hunter2hunter2@es.internal did not answer'), 503],
    [new OperatorMustFix('SLUICE_SOURCE_INDEX at es.internal'), 500],
    [new TypeError('es.internal is not a function'), 500],
    ['es.internal', 500],
    [undefined, 500],
  ])('says of ours only that it is ours: %s', (error, status) => {
    const problem = problemOf(error);
    expect(problem.status).toBe(status);
    expect(JSON.stringify(problem)).not.toContain('es.internal');
    expect(problem).not.toHaveProperty('errors');
  });

  it('holds no secret that the caller put into the wrong place', () => {
    const detail = 'must be text; got "Bearer abcdefgh12345".';
    expect(JSON.stringify(problemOf(new BadParameters([{ field: 'user', detail }])))).not.toContain('abcdefgh12345');
    expect(JSON.stringify(problemOf(new BadRequest('user', detail)))).not.toContain('abcdefgh12345');
  });
});
