import { describe, expect, it } from 'vitest';
import { sayError } from '../../cli/exit-code.ts';
import { WrongUsage } from '../../cli/wrong-usage.ts';
import { WrongSettings } from '../../shared/config/settings.ts';
import { BadBody } from '../../shared/core/bad-body.ts';
import { BadRequest, OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';

const said = (error: unknown) => {
  const lines: string[] = [];
  const code = sayError(error, { say: (line) => lines.push(line) });
  return { code, text: lines.join('\n') };
};

describe('the exit code', () => {
  it.each([
    ['wrong usage', new WrongUsage('There is no subscription "x".'), 2],
    ['wrong settings', new WrongSettings('SLUICE_HTTP_PORT must be a number.'), 2],
    ['a wrong question', new BadRequest('ip', 'ip: must be an address.'), 2],
    ['what a person must fix', new OperatorMustFix('The disk is full.'), 1],
  ])('of %s is said with its message alone', (_, error, code) => {
    expect(said(error)).toEqual({ code, text: error.message });
  });

  it('of a wrong question is said with the name of what is wrong', () => {
    expect(said(new BadRequest('from', 'must be an instant in UTC.')).text).toBe('from: must be an instant in UTC.');
  });

  it('of a body with mistakes is 2, with every mistake and its place, and no secret in it', () => {
    const mistakes = [
      { path: ['destination', 'url'], detail: 'must not be https://user:canary@hooks.example.com/x.' },
      { path: [], detail: 'is too large.' },
    ] as const;
    const { code, text } = said(new BadBody(mistakes));
    expect(code).toBe(2);
    expect(text).toMatch(
      /^There are 2 mistakes; nothing was done:\n- \/destination\/url: .*\n- \(the whole\): is too large\.$/,
    );
    expect(text).not.toContain('canary');
  });

  it('of what passes by itself is 1, and the advice is to run it again', () => {
    expect(said(new RetryLater('Elasticsearch does not answer.'))).toEqual({
      code: 1,
      text: 'Elasticsearch does not answer. Nothing was lost: run the command again.',
    });
  });

  it('of a mistake of ours is 1, with its stack and a plain sentence', () => {
    const { code, text } = said(new TypeError('undefined is not a function'));
    expect(code).toBe(1);
    expect(text).toMatch(/^TypeError: undefined is not a function\n\s+at /);
    expect(text).toContain('This is a mistake in Sluice, not in your settings.');
  });

  it.each(['a text', undefined, null, 7])('of a thrown %s is 1, too', (thrown) => {
    expect(said(thrown).code).toBe(1);
  });

  it('never comes with a secret', () => {
    const secrets = 'Authorization: ApiKey c2VjcmV0OmNhbmFyeQ== at https://u:canary@es.example.com/?key=canary';
    for (const error of [
      new WrongUsage(secrets),
      new OperatorMustFix(secrets),
      new RetryLater(secrets),
      new Error(secrets),
    ])
      expect(said(error).text).not.toMatch(/canary|c2VjcmV0/);
  });
});
