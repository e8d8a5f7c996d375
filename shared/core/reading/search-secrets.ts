/**
 * The second half of redaction: a value that was replaced in one place is searched for everywhere else, for a reset token may stand
 * in the body and in the path. Keys are searched too.
 */
import { redacted } from './redact.ts';

/** Replaces every known secret; what it does not contain comes back as it is. */
export interface SecretSearch {
  readonly kind: 'each secret' | 'too many secrets';
  /** Whether a text, or a tree written as JSON, may hold one. */
  readonly occursIn: (value: string) => boolean;
  readonly text: (value: string) => string;
  readonly tree: (value: unknown) => unknown;
  /** How many texts were changed. */
  readonly hits: () => number;
}

/** More than this many secrets in one event are not searched for one by one: it would take too long. */
const mostSecrets = 64;

/** The search for these secrets. When they are too many, texts that may hold one are removed instead. */
export const searchFor = (secrets: ReadonlySet<string>): SecretSearch =>
  secrets.size > mostSecrets ? removeAll(secrets) : searchEach(secrets);

const searchEach = (secrets: ReadonlySet<string>): SecretSearch => {
  const spellings = allSpellings(secrets);
  const shortest = spellings.at(-1)?.length ?? 0;
  let hits = 0;

  const occursIn = (value: string): boolean => {
    if (value.length < shortest) return false;
    for (const spelling of spellings) if (value.includes(spelling)) return true;
    return false;
  };

  const text = (value: string): string => {
    if (!occursIn(value)) return value;
    hits++;
    return spellings.reduce((result, spelling) => result.replaceAll(spelling, redacted), value);
  };

  const tree = (value: unknown): unknown => (holdsOne(value) ? searched(value) : value);

  const holdsOne = (value: unknown): boolean => {
    if (typeof value === 'string') return occursIn(value);
    if (typeof value === 'number') return occursIn(String(value));
    if (typeof value !== 'object' || value === null) return false;
    if (Array.isArray(value)) return value.some(holdsOne);
    const record = value as Readonly<Record<string, unknown>>;
    for (const key in record) if (occursIn(key) || holdsOne(record[key])) return true;
    return false;
  };

  const searched = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'number') return occursIn(String(value)) ? text(String(value)) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(searched);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), searched(inner)]));
  };

  return { kind: 'each secret', occursIn, text, tree, hits: () => hits };
};

/** Longer ones first: of two secrets, one of which holds the other, both vanish whole. */
const allSpellings = (secrets: ReadonlySet<string>): readonly string[] => {
  const spellings = new Set<string>();
  for (const secret of secrets)
    if (sameEverywhere.test(secret)) spellings.add(secret);
    else for (const spelling of spellingsOf(secret)) spellings.add(spelling);
  return spellings.size === 1 ? [...spellings] : [...spellings].sort((a, b) => b.length - a.length);
};

const sameEverywhere = /^[A-Za-z0-9._~-]+$/;

/** As it is, as inside a JSON text, as inside JSON inside JSON, as in a URL, as in a form. */
const spellingsOf = (secret: string): readonly string[] => {
  const quoted = JSON.stringify(secret).slice(1, -1);
  const encoded = secret.isWellFormed() ? encodeURIComponent(secret) : secret;
  return [secret, quoted, JSON.stringify(quoted).slice(1, -1), encoded, encoded.replaceAll('%20', '+')];
};

const longestKept = 64;

/** Keeps short texts that hold none of the secrets, such as ids; every part of them is looked up, however many secrets there are. */
const removeAll = (secrets: ReadonlySet<string>): SecretSearch => {
  let hits = 0;
  const hide = (): string => {
    hits++;
    return redacted;
  };
  const holdsSecret = (text: string): boolean => {
    for (let start = 0; start < text.length; start++)
      for (let end = start + 1; end <= text.length; end++) if (secrets.has(text.slice(start, end))) return true;
    return false;
  };
  return {
    kind: 'too many secrets',
    occursIn: () => true,
    text: (value) => (value.length > longestKept || holdsSecret(value) ? hide() : value),
    tree: hide,
    hits: () => hits,
  };
};
