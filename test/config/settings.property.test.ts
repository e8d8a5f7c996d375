import fc from 'fast-check';
import { expect, it } from 'vitest';
import { settings } from '../../shared/config/setting-list.ts';
import { readConfig, WrongSettings } from '../../shared/config/settings.ts';

const names = Object.keys(settings).map((name) => `SLUICE_${name}`);
const examples = Object.values(settings).map(({ example }) => example);
const secretNames = names.filter((name) => name.startsWith('SLUICE_SECRET_'));

const environments = fc.dictionary(
  fc.oneof(
    fc.constantFrom(...names),
    fc.string().map((name) => `SLUICE_${name}`),
  ),
  fc.oneof(
    fc.constantFrom(...examples, 'env:', 'file:x', 'https://es.example.com'),
    fc.string({ unit: 'grapheme', maxLength: 200 }),
  ),
  { maxKeys: 8 },
);

it('whatever the environment holds, it is a config or a list of mistakes, and no secret is in either', () => {
  fc.assert(
    fc.property(
      environments,
      fc.constantFrom(...secretNames),
      fc.constantFrom('{"apiKey":"canary"}', 'canary'.repeat(8), 'canary'),
      (env, name, secret) => {
        let outcome: string;
        try {
          outcome = JSON.stringify(readConfig({ ...env, [name]: secret }, { cwd: '/srv' }));
        } catch (error) {
          expect(error).toBeInstanceOf(WrongSettings);
          outcome = (error as Error).message;
        }
        expect(outcome).not.toContain('canary');
      },
    ),
    { numRuns: 1000 },
  );
});
