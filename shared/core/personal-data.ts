/**
 * Events for receivers that must not get personal data: names, e-mail addresses, phone numbers and IP addresses are removed or hidden. Ids,
 * roles, actions, methods, paths and status stay, so that the event still shows who did what.
 *
 * | where | what becomes of it |
 * | --- | --- |
 * | `user.email`, `source.*`, `related.ip` and other ECS fields of such names | removed |
 * | `related.user` | ids stay |
 * | JSON and form bodies, `closer`, `labels`, query parameters | what stands under a personal name becomes `HIDDEN` |
 * | every text | what looks like an e-mail address, IP address or phone number becomes `HIDDEN`, and so does each value that stood under a personal name anywhere in the event |
 * | bodies that are neither JSON nor a form | removed: nothing tells a name in them |
 *
 * A name that appears only in running text (a greeting, say) and nowhere under a key for names is not recognised.
 */
import type { EcsEvent } from './event.ts';
import { nothingFound } from './personal/found.ts';
import { type Hiding, hidingWith, jsonIn, lookForPersonal } from './personal/hide.ts';
import { isPersonalName } from './personal/names.ts';
import { withoutPatterns } from './personal/patterns.ts';

type JsonRecord = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A new event; the one given is not changed. */
export const withoutPersonalData = (event: EcsEvent): EcsEvent => {
  const found = nothingFound();
  lookForPersonal(event, found);
  const hiding = hidingWith(found);
  const entries: (readonly [string, unknown])[] = [];
  for (const [field, value] of Object.entries(event)) {
    const shown = found.overflow && freeTexts.has(field) ? undefined : shownField(field, value, hiding);
    if (shown !== undefined) entries.push([field, shown]);
  }
  return withBodyFlags(event, Object.fromEntries(entries) as unknown as EcsEvent);
};

/** Fields that may hold any text: they are removed if more personal values were found than can be searched for. */
const freeTexts: ReadonlySet<string> = new Set(['message', 'http', 'url', 'error', 'labels', 'closer', 'related']);

const shownField = (field: string, value: unknown, hiding: Hiding): unknown => {
  switch (field) {
    case '@timestamp':
    case 'ecs':
    case 'observer':
      return value;
    case 'event':
      // Fields of `event` hold our own words, or an unknown action. A person's name found elsewhere must not change them, so only patterns
      // are hidden.
      return mapped(value, (key, text) => (key === 'id' || key === 'created' ? text : inTexts(text, withoutPatterns)));
    case 'http':
      return mapped(value, (_, message) =>
        mapped(message, (key, part) => (key === 'body' ? shownBody(part, hiding) : hiding.tree(part))),
      );
    case 'related':
      return mapped(value, (key, list) => (isPersonalName(key) ? undefined : unchangedItems(list, hiding)));
    case 'labels':
    case 'closer':
      return hiding.tree(value);
    default:
      return isRecord(value) ? withoutPersonalFields(value, hiding) : hiding.tree(value);
  }
};

/** Fields with a special type (`ip`) cannot hold the constant `HIDDEN`, so they are left out. */
const withoutPersonalFields = (record: JsonRecord, hiding: Hiding): JsonRecord | undefined =>
  mapped(record, (key, value) => {
    if (isPersonalName(key)) return undefined;
    return isRecord(value) ? withoutPersonalFields(value, hiding) : hiding.tree(value);
  });

const unchangedItems = (list: unknown, hiding: Hiding): unknown => {
  if (!Array.isArray(list)) return hiding.tree(list);
  const kept = list.filter((item) => hiding.tree(item) === item);
  return kept.length === 0 ? undefined : kept;
};

const shownBody = (body: unknown, hiding: Hiding): unknown =>
  mapped(body, (key, value) => {
    if (key !== 'content' || typeof value !== 'string') return hiding.tree(value);
    const isReadable = isForm.test(value) || typeof (jsonIn(value) ?? '') === 'object';
    return isReadable ? hiding.text(value) : undefined;
  });

/** Every part is `name=value`. */
const isForm = /^[^\s{}<>"&=]+=[^\s{}<>"&=]*(?:&[^\s{}<>"&=]+=[^\s{}<>"&=]*)*$/;

const inTexts = (value: unknown, change: (text: string) => string): unknown => {
  if (typeof value === 'string') return change(value);
  return Array.isArray(value) ? value.map((item) => inTexts(item, change)) : value;
};

/** `undefined` values left out; `undefined` when nothing is left. */
const mapped = (value: unknown, change: (key: string, value: unknown) => unknown): JsonRecord | undefined => {
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value)
    .map(([key, inner]) => [key, change(key, inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
};

/** Labels that say why a body is missing. */
const withBodyFlags = (before: EcsEvent, after: EcsEvent): EcsEvent => {
  const flags = (['request', 'response'] as const)
    .filter(
      (side) => before.http?.[side]?.body?.content !== undefined && after.http?.[side]?.body?.content === undefined,
    )
    .map((side) => [`${side}_body`, 'removed: may hold personal data']);
  return flags.length === 0 ? after : { ...after, labels: { ...after.labels, ...Object.fromEntries(flags) } };
};
