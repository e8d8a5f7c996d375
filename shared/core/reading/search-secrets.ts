/**
 * The second half of redaction: a value that was replaced in one place is searched for everywhere else, because a reset token may stand in
 * the body and in the path. Keys are searched too.
 */
import { redacted } from './redact.ts';

/** The secrets searched for in one event. Plain data without methods, because functions made anew for every event would not stay compiled. */
export interface SecretSearch {
  readonly kind: 'each secret' | 'too many secrets';
  readonly secrets: ReadonlySet<string>;
  /** For kind `each secret`, longer spellings first, so that a secret that contains another one is replaced completely. */
  readonly spellings: readonly string[];
  /** How many texts were changed. */
  hits: number;
}

/** If an event has more secrets than this, they are not searched for one by one, which would take too long. */
const mostSecrets = 64;

/** The search for these secrets. If there are too many, texts that may hold one are removed instead. */
export const searchFor = (secrets: ReadonlySet<string>): SecretSearch =>
  secrets.size > mostSecrets
    ? { kind: 'too many secrets', secrets, spellings: [], hits: 0 }
    : { kind: 'each secret', secrets, spellings: allSpellings(secrets), hits: 0 };

/** Whether a text, or a tree written as JSON, may hold a secret. */
export const mayHoldSecret = ({ kind, spellings }: SecretSearch, text: string): boolean => {
  if (kind === 'too many secrets') return true;
  for (const spelling of spellings) if (text.includes(spelling)) return true;
  return false;
};

/** The text with every known secret replaced; a text without secrets is returned unchanged. */
export const searchedText = (search: SecretSearch, text: string): string => {
  if (search.kind === 'too many secrets')
    return text.length > longestKept || holdsAny(search.secrets, text) ? hidden(search) : text;
  if (!mayHoldSecret(search, text)) return text;
  search.hits++;
  return search.spellings.reduce((result, spelling) => result.replaceAll(spelling, redacted), text);
};

/** The same for every text, number and key of a tree. */
export const searchedTree = (search: SecretSearch, tree: unknown): unknown => {
  if (search.kind === 'too many secrets') return hidden(search);
  return holdsSecret(search, tree) ? replacedIn(search, tree) : tree;
};

const holdsSecret = (search: SecretSearch, value: unknown): boolean => {
  if (typeof value === 'string') return mayHoldSecret(search, value);
  if (typeof value === 'number') return mayHoldSecret(search, String(value));
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((element) => holdsSecret(search, element));
  const record = value as Readonly<Record<string, unknown>>;
  for (const key in record) if (mayHoldSecret(search, key) || holdsSecret(search, record[key])) return true;
  return false;
};

const replacedIn = (search: SecretSearch, value: unknown): unknown => {
  if (typeof value === 'string') return searchedText(search, value);
  if (typeof value === 'number')
    return mayHoldSecret(search, String(value)) ? searchedText(search, String(value)) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => replacedIn(search, element));
  const entries = Object.entries(value).map(([key, inner]) => [searchedText(search, key), replacedIn(search, inner)]);
  return Object.fromEntries(entries);
};

const allSpellings = (secrets: ReadonlySet<string>): readonly string[] => {
  const spellings = new Set<string>();
  for (const secret of secrets)
    if (sameEverywhere.test(secret)) spellings.add(secret);
    else for (const spelling of spellingsOf(secret)) spellings.add(spelling);
  return spellings.size === 1 ? [...spellings] : [...spellings].sort((a, b) => b.length - a.length);
};

const sameEverywhere = /^[A-Za-z0-9._~-]+$/;

/** The spellings of a secret: as it is, in a JSON text, in JSON inside JSON, in a URL, in a form. */
const spellingsOf = (secret: string): readonly string[] => {
  const quoted = JSON.stringify(secret).slice(1, -1);
  const encoded = secret.isWellFormed() ? encodeURIComponent(secret) : secret;
  return [secret, quoted, JSON.stringify(quoted).slice(1, -1), encoded, encoded.replaceAll('%20', '+')];
};

/** If there are too many secrets, texts up to this length that hold none of them, such as ids, are kept. */
const longestKept = 64;

const hidden = (search: SecretSearch): string => {
  search.hits++;
  return redacted;
};

/** Every part of the text is looked up, however many secrets there are. */
const holdsAny = (secrets: ReadonlySet<string>, text: string): boolean => {
  for (let start = 0; start < text.length; start++)
    for (let end = start + 1; end <= text.length; end++) if (secrets.has(text.slice(start, end))) return true;
  return false;
};
