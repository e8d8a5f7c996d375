import { describe, expect, it } from 'vitest';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';

/** One version of the secrets as an operator writes them. */
export interface WrittenSecrets {
  readonly rootKey?: string;
  readonly elasticsearch?: unknown;
}

const first = 'first-root-key-of-at-least-32-characters';
const second = 'second-root-key-of-at-least-32-characters';

/**
 * What every store of Secrets keeps.
 * @param open secrets that hold `current`, and `previous` while a rotation lasts
 */
export const describeSecrets = (
  name: string,
  open: (current: WrittenSecrets, previous?: WrittenSecrets) => Promise<Secrets>,
): void => {
  describe(`Secrets: ${name}`, () => {
    it('gives the root key as it was written', async () => {
      const secrets = await open({ rootKey: first });
      expect(await secrets.get('rootKey')).toEqual({ current: first });
    });

    it.each([{ apiKey: 'a2V5' }, { username: 'reader', password: 'pass "word"' }])(
      'gives the credentials of Elasticsearch as JSON: %j',
      async (elasticsearch) => {
        const secrets = await open({ rootKey: first, elasticsearch });
        expect(JSON.parse((await secrets.get('elasticsearch'))?.current ?? '')).toEqual(elasticsearch);
      },
    );

    it('has no secret that nobody wrote', async () => {
      const secrets = await open({ rootKey: first });
      expect(await secrets.get('elasticsearch')).toBeUndefined();
    });

    it('has no root key when only credentials were written', async () => {
      const secrets = await open({ elasticsearch: { apiKey: 'k' } });
      expect(await secrets.get('rootKey')).toBeUndefined();
    });

    it('gives the previous root key beside the current one while a rotation lasts', async () => {
      const secrets = await open({ rootKey: second }, { rootKey: first });
      expect(await secrets.get('rootKey')).toEqual({ current: second, previous: first });
    });

    it('names no previous value when only something else was changed', async () => {
      const secrets = await open({ rootKey: first, elasticsearch: { apiKey: 'new' } }, { rootKey: first });
      expect(await secrets.get('rootKey')).toEqual({ current: first });
    });
  });
};

/** What every store keeps whose secrets are written by hand. */
export const describeMistakesInSecrets = (name: string, open: (current: WrittenSecrets) => Promise<Secrets>): void => {
  describe(`Secrets with a mistake: ${name}`, () => {
    it.each([
      { rootKey: 'too-short-SECRET' },
      { rootKey: first, elasticsearch: { apikey: 'SECRET' } },
      { rootKey: first, elasticsearch: { username: 'SECRET' } },
      { rootKey: first, elasticsearch: { apiKey: '' } },
    ])('says what is wrong with %j without repeating it', async (written) => {
      const secrets = await open(written);
      const error: unknown = await Promise.all([secrets.get('rootKey'), secrets.get('elasticsearch')]).then(
        () => 'no error',
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(OperatorMustFix);
      expect(String(error)).not.toContain('SECRET"');
      expect(String(error)).not.toContain('too-short');
    });
  });
};
