/** What is found about the mapping: whether events can be put in order, and what questions cost. */
import type { FieldFacts, Seen } from '../../ports/diagnosis.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import { some } from './words.ts';

const unmapped = 'unmapped';

export const judgeTimeField = ({ name, types }: FieldFacts, documents: number): Finding => {
  const check = 'elasticsearch/time-field';
  const found = Object.keys(types).filter((type) => type !== unmapped);
  const wrong = found.filter((type) => type !== 'date' && type !== 'date_nanos');
  if (wrong.length > 0)
    return problem(
      check,
      `"${name}" is ${wrong.map((type) => `${type} in ${some(types[type] ?? ['every index'])}`).join(', ')}: events there cannot be put in order, and pull stops.`,
      'Name another field in SLUICE_SOURCE_TIME_FIELD, or map this one as date and index the events anew.',
    );
  if (found.length === 0)
    return documents > 0
      ? problem(
          check,
          `"${name}" is in no index of the pattern.`,
          'Name the field that holds the time of an event in SLUICE_SOURCE_TIME_FIELD.',
        )
      : ok(check, `"${name}" is not mapped yet; the first event will bring it.`);
  if (types[unmapped] !== undefined)
    return warning(
      check,
      `"${name}" is not mapped in ${some(types[unmapped])}: events there have no time, are delivered once, unordered, and flagged.`,
      'Map it there as date, or leave that index out of the pattern.',
    );
  return ok(
    check,
    found.length === 2
      ? `"${name}" is date in some indices and date_nanos in others; they are put in order to the nanosecond.`
      : `"${name}" is ${found[0]} in every index.`,
  );
};

const numbers = ['long', 'integer', 'short', 'byte', 'unsigned_long', 'double', 'float'];
const texts = ['keyword', 'text', 'flattened', 'version', 'wildcard', 'constant_keyword', 'match_only_text'];

/** What questions ask Elasticsearch for; all else is decided after reading. By the field they ask: what it must be for that. */
const asked: Readonly<Record<string, { readonly by: string; readonly types: readonly string[] }>> = {
  'event.action': { by: 'action', types: texts },
  'event.outcome': { by: 'outcome', types: texts },
  'http.request.method': { by: 'method', types: texts },
  'http.response.status_code': { by: 'status', types: [...texts, ...numbers] },
  'user.id': { by: 'user', types: texts },
  'user.email': { by: 'user', types: texts },
  'user.roles': { by: 'role', types: texts },
  'source.ip': { by: 'ip', types: [...texts, 'ip'] },
};

/** Fields at the root and below `message`, which is asked for as well: as a text it hides what it holds. */
export const filterFields: readonly string[] = [
  'message',
  ...Object.keys(asked).flatMap((name) => [name, `message.${name}`]),
];

/** @param documents an index without any has no fields yet */
export const judgeFilterFields = (
  facts: readonly FieldFacts[],
  documents: number,
  mapping: Seen<{ readonly odd?: string }>,
): Finding => {
  const check = 'elasticsearch/filter-fields';
  const typesOf = (name: string): FieldFacts['types'] => facts.find((one) => one.name === name)?.types ?? {};
  const mapped = (name: string): readonly string[] =>
    Object.keys(typesOf(name)).filter((type) => ![unmapped, 'object', 'nested'].includes(type));
  const pathsOf = (name: string): readonly string[] =>
    [`message.${name}`, name].filter((path) => mapped(path).length > 0);

  const unfit = Object.entries(asked).flatMap(([name, { by, types }]) =>
    pathsOf(name).flatMap((path) =>
      mapped(path)
        .filter((type) => !types.includes(type))
        .map((type) => ({ by, text: `${path} is ${type} in ${some(typesOf(path)[type] ?? ['every index'])}` })),
    ),
  );
  if (unfit.length > 0) {
    const ways = [...new Set(unfit.map(({ by }) => by))].join(', ');
    return warning(
      check,
      `${unfit.map(({ text }) => text).join('; ')}: Elasticsearch cannot search by it, so questions by ${ways} read every event of their time range. Answers are right all the same.`,
      'Map it as keyword in new indices (an index template), or ask with a narrow time range.',
    );
  }
  const present = Object.keys(asked).filter((name) => pathsOf(name).length > 0);
  const absent = Object.keys(asked).filter((name) => !present.includes(name));
  if (present.length === 0 && documents > 0) {
    const hidden = mapped('message').length > 0 ? ' `message` is a text, so what is in it is not mapped.' : '';
    return warning(
      check,
      `None of the fields that questions ask for is mapped.${hidden} Every question reads all events of its time range; answers are right all the same.`,
      'Ask with a narrow time range, or index `message` as an object.',
    );
  }
  const odd = mapping.kind === 'seen' ? mapping.value.odd : `The mapping cannot be seen: ${mapping.reason}`;
  if (odd !== undefined)
    return warning(
      check,
      `${odd}. Elasticsearch could leave out what is asked for, so every question reads all events of its time range. Answers are right all the same.`,
      mapping.kind === 'seen'
        ? 'Map it as Elasticsearch does by itself in new indices (an index template), or ask with a narrow time range.'
        : 'Let it be seen, or ask with a narrow time range.',
    );
  const where = present.some((name) => mapped(`message.${name}`).length > 0) ? 'below message' : 'at the root';
  return ok(
    check,
    present.length === 0
      ? 'No field is mapped yet.'
      : `${present.length} of ${Object.keys(asked).length} fields that questions ask for are mapped ${where}${absent.length > 0 ? `; questions by ${some(absent)} read every event of their time range` : ''}.`,
  );
};
