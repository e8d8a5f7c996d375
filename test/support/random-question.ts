/** Questions that somebody might write: of fields that events have or lack, values they hold, hold otherwise or do not hold. */
import fc from 'fast-check';
import type { EcsEvent } from '../../shared/core/event.ts';
import { fieldKind } from '../../shared/core/question/fields.ts';

const fields = [
  'event.action',
  'event.outcome',
  'event.category',
  'event.type',
  'event.kind',
  'user.id',
  'user.email',
  'user.name',
  'user.roles',
  'user.target.id',
  'organization.id',
  'http.request.method',
  'http.response.status_code',
  'source.ip',
  'source.address',
  'url.full',
  'url.path',
  '@timestamp',
  'labels.nothing',
] as const;

/** Each in parentheses where it joins others, so that what was generated is what is read. */
export const randomQuestion = (events: readonly EcsEvent[]): fc.Arbitrary<string> => {
  const held = new Map(fields.map((field) => [field, valuesOf(field, events)]));
  const leaf = fc.constantFrom(...fields).chain((field) => leafOf(field, held.get(field) ?? []));
  return fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc
        .tuple(tie('tree'), fc.constantFrom('and', 'or', 'AND', 'Or'), tie('tree'))
        .map(([left, word, right]) => `(${left}) ${word} (${right})`),
      tie('tree').map((inner) => `not (${inner})`),
    ),
  })).tree;
};

const leafOf = (field: string, values: readonly string[]): fc.Arbitrary<string> => {
  const value = fc.constantFrom(...(values.length === 0 ? ['nothing'] : values));
  switch (fieldKind(field)) {
    case 'number':
      return fc
        .tuple(
          fc.constantFrom(':', '<', '<=', '>', '>='),
          fc.constantFrom(0, 5, 40, 99, 99.5, 100.5, 200, 204, 400, 401, 499.5, 500, 999, 1_000),
        )
        .map(([operator, number]) => `${field} ${operator} ${number}`);
    case 'time':
      return fc
        .tuple(
          fc.constantFrom(':', '<', '<=', '>', '>='),
          fc.oneof(
            value,
            value.map((time) => time.slice(0, 10)),
          ),
        )
        .map(([operator, time]) => `${field} ${operator} ${quoted(time)}`);
    case 'address':
      return fc
        .oneof(fc.constantFrom('203.0.113.0/24', '10.0.0.0/8', '2001:db8::/32', '0.0.0.0/0', '::/0'), value)
        .map((block) => `${field}: ${quoted(block)}`);
    default:
      return fc.oneof(
        value.map((text) => `${field}: ${quoted(text)}`),
        value.map((text) => `${field}: ${quoted(text.toUpperCase())}`),
        fc.tuple(value, fc.nat(8)).map(([text, at]) => `${field}: "${escaped(text.slice(0, at))}*"`),
        value.map((text) => `${field}: "*${escaped(text.slice(2, 6))}*"`),
        fc.constantFrom('*', '""', 'nothing', 'admin', '"*"').map((text) => `${field}: ${text}`),
      );
  }
};

const quoted = (text: string): string => `"${escaped(text)}"`;
const escaped = (text: string): string => text.replace(/[\\"*]/g, '\\$&');

/** What events hold in a field, short enough to be asked for, each once. */
const valuesOf = (field: string, events: readonly EcsEvent[]): readonly string[] => {
  const values = events.flatMap((event) => {
    const found = field
      .split('.')
      .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], event);
    return Array.isArray(found) ? (found as readonly unknown[]) : [found];
  });
  const texts = values.filter((value): value is string => typeof value === 'string' && value.length <= 120);
  return [...new Set(texts)].filter((text) => text.isWellFormed()).slice(0, 40);
};
