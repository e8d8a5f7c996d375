/**
 * Which key names hold secrets: the catalogue's global list, and the list of the action at hand. The key names decide, because a session
 * key of the source is a plain UUID, which no pattern can tell from an id.
 */
import { actions, type CatalogueAction, globalSensitiveKeys } from '../catalogue/actions.ts';

/**
 * The names of secret keys beside the global list. Plain data and no function, because of a function per action most would never be
 * compiled.
 */
export interface SensitiveNames {
  readonly own: ReadonlySet<string>;
  /** Key names repeat from event to event, so each is judged once. */
  readonly judged: Map<string, boolean>;
}

/** How the parts of one action's events are to be redacted. */
export interface SensitiveKeys {
  readonly request: SensitiveNames;
  readonly response: SensitiveNames;
  /** For all other parts: the lists of both bodies and of URL queries together. */
  readonly any: SensitiveNames;
  /** A token may be a segment of the URL's path. */
  readonly urlPath: boolean;
  /** A body that cannot be parsed may hold a secret: the action has sensitive keys, or is not known. */
  readonly opaqueBodies: 'keep' | 'remove';
}

const normalised = (key: string): string => key.toLowerCase().replace(/[-_. ]/g, '');

const longestKey = 128;
const mostKeys = 10_000;

const isGlobal = (name: string): boolean => {
  const { exact, contains, endsWith, never } = globalSensitiveKeys;
  if (exact.has(name)) return true;
  if (never.has(name)) return false;
  return contains.some((part) => name.includes(part)) || endsWith.some((part) => name.endsWith(part));
};

/** Whether a key of this name holds a secret; upper case and `-`, `_`, `.`, spaces make no difference. */
export const isSensitive = (key: string, { own, judged }: SensitiveNames): boolean => {
  const before = judged.get(key);
  if (before !== undefined) return before;
  const name = normalised(key);
  const verdict = own.has(name) || isGlobal(name);
  // The memory is bounded, because the author of a body chooses its keys.
  if (key.length <= longestKey && judged.size < mostKeys) judged.set(key, verdict);
  return verdict;
};

const globalOnly: SensitiveNames = { own: new Set(), judged: new Map() };

const and = (...lists: readonly (readonly string[])[]): SensitiveNames => {
  const own = new Set(lists.flat().map(normalised));
  return own.size === 0 ? globalOnly : { own, judged: new Map() };
};

const ofAction = ({ action, sensitive }: CatalogueAction): SensitiveKeys => {
  const special = globalSensitiveKeys.exactForActions;
  const own = Object.keys(special).filter((key) => special[key]?.includes(action));
  const listed = [...sensitive.request, ...sensitive.response, ...sensitive.url_query, ...own];
  return {
    request: and(sensitive.request, own),
    response: and(sensitive.response, own),
    any: and(listed),
    urlPath: sensitive.url_path,
    opaqueBodies: listed.length > 0 || sensitive.url_path ? 'remove' : 'keep',
  };
};

const byAction: ReadonlyMap<string, SensitiveKeys> = new Map(actions.map((entry) => [entry.action, ofAction(entry)]));

const unknownAction: SensitiveKeys = {
  request: globalOnly,
  response: globalOnly,
  any: globalOnly,
  urlPath: false,
  opaqueBodies: 'remove',
};

/**
 * The keys for an action. For an action that the catalogue does not know only the global list applies, and every body that cannot be parsed
 * is removed.
 */
export const sensitiveKeysOf = (action: string | undefined): SensitiveKeys =>
  (action !== undefined && byAction.get(action)) || unknownAction;

/** Whether a text without keys mentions a sensitive name all the same: `password is …`, `--form name="token"`. */
export const mentionsSensitive = (text: string, names: SensitiveNames): boolean => {
  for (const [word] of text.matchAll(/[A-Za-z0-9_.-]+/g)) if (isSensitive(word, names)) return true;
  return false;
};
