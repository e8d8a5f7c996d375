/**
 * Request and response bodies. The source logs them in full, so this is where the secrets are: JSON (as text, or already parsed), a
 * form, or something that cannot be parsed.
 */
import { parseExactly } from '../exact-json.ts';
import { type Findings, maskPairs, redacted, redactTree } from './redact.ts';
import { mayHoldSecret, type SecretSearch, searchedText, searchedTree } from './search-secrets.ts';
import { mentionsSensitive, type SensitiveKeys, type SensitiveNames } from './sensitive-keys.ts';
import { isAsWritten } from './written-length.ts';

/** A body after redaction. `bytes`: length of the original text, where there was one. */
export type Body =
  | {
      readonly kind: 'json';
      readonly tree: unknown;
      /** The original text of the tree, if writing the tree anew would give the same text. */
      readonly text: string | undefined;
      readonly bytes: number | undefined;
      readonly cut: boolean;
    }
  | { readonly kind: 'text'; readonly text: string; readonly bytes: number }
  | { readonly kind: 'removed'; readonly why: string; readonly bytes: number | undefined };

/** The most characters of a body that is read; of a longer body only the length is kept. */
const longestBody = 1_048_576;

interface BodyRules {
  readonly names: SensitiveNames;
  readonly opaque: 'keep' | 'remove';
}

/**
 * @param names the sensitive names of this body, which differ between request and response
 * @returns `undefined` when there is no body
 */
export const readBody = (
  raw: unknown,
  names: SensitiveNames,
  { opaqueBodies: opaque }: SensitiveKeys,
  findings: Findings,
): Body | undefined => {
  if (raw === undefined || raw === '') return undefined;
  const rules = { names, opaque };
  return typeof raw === 'string'
    ? readText(raw, rules, findings)
    : readTree(raw, undefined, undefined, rules, findings);
};

const readText = (raw: string, rules: BodyRules, findings: Findings): Body => {
  const bytes = Buffer.byteLength(raw);
  if (raw.length > longestBody) return removed('longer than 1 MiB', bytes, findings);
  const text = raw.charCodeAt(0) === 0xfeff ? raw.slice(1) : raw;
  const parsed = startsLikeJson.test(text) ? tryJson(text) : undefined;
  if (parsed !== undefined) return readTree(parsed, text, bytes, rules, findings);
  return isForm(raw)
    ? { kind: 'text', text: maskPairs(raw, rules.names, findings), bytes }
    : readOpaque(raw, bytes, rules, findings);
};

/** A cheap test, so that most bodies that are no JSON do not cost an exception of the parser. */
const startsLikeJson = /^\s*(?:[[{"]|-?\d|true|false|null)/;

const tryJson = (text: string): unknown => {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
};

const readTree = (
  parsed: unknown,
  text: string | undefined,
  bytes: number | undefined,
  rules: BodyRules,
  findings: Findings,
): Body => {
  const scalar = typeof parsed === 'string' || typeof parsed === 'number';
  if (scalar && rules.opaque === 'remove') return removed('a bare value that may be a secret', bytes, findings);
  const cutBefore = findings.cutAtDepth;
  findings.cutAtDepth = false;
  const tree = redactTree(parsed, rules.names, findings);
  const cut = findings.cutAtDepth;
  findings.cutAtDepth = cutBefore || cut;
  const asWritten = text !== undefined && tree === parsed && isAsWritten(text, tree);
  return { kind: 'json', tree, text: asWritten ? text : undefined, bytes, cut };
};

/** Every part is `name=value`, and one has a value: Base64 padding alone makes no form. */
const isForm = (text: string): boolean =>
  /^[^\s{}<>"]+$/.test(text) && text.split('&').every((pair) => pair.indexOf('=') > 0) && /=[^=&]/.test(text);

/** Reads cut-off JSON, multipart and plain text: such a body is kept only if the action has no secrets and the text names none. */
const readOpaque = (text: string, bytes: number, rules: BodyRules, findings: Findings): Body => {
  if (rules.opaque === 'remove') return removed('cannot be parsed and may hold a secret', bytes, findings);
  if (mentionsSensitive(text, rules.names)) return removed('cannot be parsed and names a secret', bytes, findings);
  return { kind: 'text', text: maskPairs(text, rules.names, findings), bytes };
};

const removed = (why: string, bytes: number | undefined, findings: Findings): Body => {
  findings.count++;
  return { kind: 'removed', why, bytes };
};

export const removedBody = (body: Body, why: string): Body => ({ kind: 'removed', why, bytes: body.bytes });

/** The text for the event, with secrets found elsewhere replaced; JSON is written anew. `undefined` if the body was removed. */
export const bodyContent = (body: Body, search: SecretSearch | undefined): string | undefined => {
  switch (body.kind) {
    case 'json': {
      const content = body.text ?? JSON.stringify(body.tree);
      const clean =
        search && mayHoldSecret(search, content) ? JSON.stringify(searchedTree(search, body.tree)) : content;
      return clean.length > longestBody ? undefined : clean;
    }
    case 'text':
      return search ? searchedText(search, body.text) : body.text;
    case 'removed':
      return undefined;
    default:
      return body satisfies never;
  }
};

/** The label that tells a reader of the event what happened to its body. */
export const bodyFlag = (body: Body, content: string | undefined): string | undefined => {
  if (body.kind === 'removed') return `removed: ${body.why}`;
  if (content === undefined) return 'removed: longer than 1 MiB';
  return body.kind === 'json' && body.cut ? 'cut: deeper than 64 levels' : undefined;
};

/** A member of a JSON object body that is a text or number, as text. */
export const bodyMember = (body: Body | undefined, name: string): string | undefined => {
  if (body?.kind !== 'json' || typeof body.tree !== 'object' || body.tree === null || Array.isArray(body.tree))
    return undefined;
  if (!Object.hasOwn(body.tree, name)) return undefined;
  const value = (body.tree as Readonly<Record<string, unknown>>)[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value !== redacted && value.length <= 1024 ? value : undefined;
};
