import { OperatorMustFix } from '../core/errors.ts';

/** The secrets of one version of a store, as text; absent when the store does not hold them. */
export interface SecretsDocument {
  readonly rootKey?: string;
  /** JSON: `{ "apiKey": … }` or `{ "username": …, "password": … }`. */
  readonly elasticsearch?: string;
}

/**
 * Reads `{ "rootKey": "…", "elasticsearch": {…} }`, the form of the secrets file and of the secret in Secrets Manager.
 * Names that are not ours are left alone: an operator may keep more in the same place.
 * @param where for messages, which never repeat a value: `Secrets file .sluice/secrets.json`
 * @throws OperatorMustFix when it is no JSON object, or a secret does not have the required form
 */
export const readSecretsDocument = (text: string, where: string): SecretsDocument =>
  readSecretsObject(parsedObject(text, where), where);

/** The same for a value that is parsed already. */
export const readSecretsObject = (document: Readonly<Record<string, unknown>>, where: string): SecretsDocument => {
  const { rootKey, elasticsearch } = document;
  return {
    ...(rootKey === undefined ? {} : { rootKey: checkedRootKey(rootKey, `"rootKey" in ${where}`) }),
    ...(elasticsearch === undefined
      ? {}
      : { elasticsearch: checkedElasticsearch(elasticsearch, `"elasticsearch" in ${where}`) }),
  };
};

/** @throws OperatorMustFix when `text` is not a JSON object */
export const parsedObject = (text: string, where: string): Readonly<Record<string, unknown>> => {
  const value = parsed(text);
  if (!isObject(value))
    throw new OperatorMustFix(
      `${where} must hold a JSON object such as { "rootKey": "…", "elasticsearch": { "apiKey": "…" } }.`,
    );
  return value;
};

/** @throws OperatorMustFix when it is not a text that signing secrets can be derived from */
export const checkedRootKey = (value: unknown, where: string): string => {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text.length < 32)
    throw new OperatorMustFix(
      `${where} must be a text of at least 32 random characters; got ${text.length}. Make one with: openssl rand -base64 32`,
    );
  return text;
};

/**
 * The credentials as JSON text, from an object or from its text.
 * @throws OperatorMustFix when it is neither `{ apiKey }` nor `{ username, password }`
 */
export const checkedElasticsearch = (value: unknown, where: string): string => {
  const credentials = typeof value === 'string' ? parsed(value) : value;
  if (
    isObject(credentials) &&
    (isText(credentials['apiKey']) || (isText(credentials['username']) && isText(credentials['password'])))
  )
    return JSON.stringify(credentials);
  throw new OperatorMustFix(
    `${where} must be { "apiKey": "…" } or { "username": "…", "password": "…" }, every value a text that is not empty.`,
  );
};

/** `undefined` for what is no JSON. The parser's error is left out on purpose: it quotes the text. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
