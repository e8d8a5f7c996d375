import { OperatorMustFix } from '../../core/errors.ts';
import type { Secrets } from '../../ports/secrets.ts';

export interface Credentials {
  /** For messages: `an API key`, `the user "sluice"`, `no credentials`. */
  readonly kind: string;
  /** Value of the `Authorization` header. */
  readonly authorization: string | undefined;
}

const shapes = 'a JSON object with "apiKey", or with "username" and "password"';

/**
 * What the secret `elasticsearch` holds. It is read for every request, because the secret store caches it for minutes already; a second
 * cache here could outlive a rotation.
 * @throws OperatorMustFix when the secret has another shape; its value is never in the message
 */
export const credentialsFrom = async (secrets: Secrets): Promise<Credentials> => {
  const secret = await secrets.get('elasticsearch');
  if (secret === undefined) return { kind: 'no credentials', authorization: undefined };
  const { apiKey, username, password } = parsed(secret.current);
  if (typeof apiKey === 'string' && apiKey !== '') return { kind: 'an API key', authorization: `ApiKey ${apiKey}` };
  if (typeof username === 'string' && typeof password === 'string') {
    const pair = Buffer.from(`${username}:${password}`).toString('base64');
    return { kind: `the user "${username}"`, authorization: `Basic ${pair}` };
  }
  throw new OperatorMustFix(`The secret "elasticsearch" has neither an API key nor a user. Write it as ${shapes}.`);
};

const parsed = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // The parser's message quotes the text, which is the secret: it must not become the cause.
    throw new OperatorMustFix(`The secret "elasticsearch" is not JSON. Write it as ${shapes}.`);
  }
};
