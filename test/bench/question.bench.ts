/**
 * What the language of `q` costs: `node test/bench/question.bench.ts`. Ratios of medians of rounds that take turns in one process; the times
 * beside them depend on the machine. Ends with 1 when a ratio is missed.
 */
import { readFileSync } from 'node:fs';
import { parse as liqe } from 'liqe';
import type { EcsEvent, Hit } from '../../shared/core/event.ts';
import { elasticsearchHint } from '../../shared/core/filter-elasticsearch.ts';
import { questionMatcher } from '../../shared/core/question/match-question.ts';
import { parseQuestion } from '../../shared/core/question/parse-question.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeTo, parseTenants } from '../../shared/core/tenants.ts';

const rounds = 21;
const sample = (name: string): string => readFileSync(new URL(`../../samples/${name}`, import.meta.url), 'utf8');
const attribute = attributeTo(parseTenants(JSON.parse(sample('tenants.json'))));
const readHit = hitReader({ timeField: '@timestamp', attribute });
const events: readonly EcsEvent[] = sample('samples.ndjson')
  .trim()
  .split('\n')
  .map((line) => readHit(JSON.parse(line) as Hit, '2026-01-01T00:00:00.000Z').event);
const lines = events.map((event) => JSON.stringify(event));

/** Such as both languages read: liqe takes neither `or` in values nor `>=` behind a blank. */
const common = [
  'event.action:agent_role_change AND NOT user.roles:ADMIN',
  'event.outcome:failure',
  '(user.id:alice OR user.id:bob) AND http.request.method:DELETE',
  'url.full:"https://spinner.closer.app/api/session" AND event.category:iam',
  'user.email:ada*',
];

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Microseconds of processor time of one piece of work, the works in turn. */
const inTurn = <Name extends string>(works: Readonly<Record<Name, () => number>>): Readonly<Record<Name, number>> => {
  const names = Object.keys(works) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = -3; round < rounds; round += 1)
    for (const name of names) {
      const { user, system } = process.cpuUsage();
      const pieces = works[name]();
      const spent = process.cpuUsage({ user, system });
      if (round >= 0) times.get(name)?.push((spent.user + spent.system) / pieces);
    }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<Name, number>;
};

const repeated = (times: number, work: () => void): (() => number) => {
  return () => {
    for (let at = 0; at < times; at += 1) work();
    return times;
  };
};

const compile = (text: string): unknown => {
  const question = parseQuestion(text, { nowMs: 0 });
  return [questionMatcher(question), elasticsearchHint({ question }, () => [])];
};

let missed = 0;
const tell = (what: string, ratio: number, bound: { least?: number; most?: number }, figures: string): void => {
  const { least = 0, most = Number.POSITIVE_INFINITY } = bound;
  const kept = ratio >= least && ratio <= most;
  if (!kept) missed += 1;
  const asked = bound.least === undefined ? `at most ${most}` : `at least ${least}`;
  process.stdout.write(`${what}: ${ratio.toFixed(2)}, ${asked} asked${kept ? '' : ' (missed)'}; ${figures}\n`);
};

const parsing = inTurn({
  ours: repeated(400, () => {
    for (const text of common) compile(text);
  }),
  liqe: repeated(40, () => {
    for (const text of common) liqe(text);
  }),
});
tell(
  'parsed and compiled, questions/s beside liqe, which parses only',
  parsing.liqe / parsing.ours,
  { least: 10 },
  `${(parsing.ours / common.length).toFixed(1)} us a question, liqe ${(parsing.liqe / common.length).toFixed(1)} us`,
);

const filled = (piece: string, join: string): string => {
  const most = Math.min(100, Math.floor((2_000 + join.length) / (piece.length + join.length)));
  return Array.from({ length: most }, () => piece).join(join);
};
const hostile: readonly string[] = [
  filled('user.id:*a*', ' or '),
  `url.full: "${'*a'.repeat(10)}${'b'.repeat(1_960)}"`,
  `${'not ('.repeat(16)}user.id: a${')'.repeat(16)} and ${filled('source.ip: 2001:db8::/32', ' and ')
    .slice(0, 1_800)
    .replace(/ and [^)]*$/, '')}`,
  `user.id: "${'\\*'.repeat(990)}"`,
  `user.id: (${filled('a', ' or ')})`,
];
const ordinary = common[0] ?? '';
const worst = inTurn({
  ordinary: repeated(2_000, () => void compile(ordinary)),
  ...Object.fromEntries(hostile.map((text, at) => [`hostile ${at}`, repeated(40, () => void compile(text))])),
});
const slowest = Math.max(...Object.entries(worst).map(([name, time]) => (name === 'ordinary' ? 0 : time)));
tell(
  'the worst hostile question beside an ordinary one',
  slowest / worst.ordinary,
  { most: 100 },
  `${slowest.toFixed(0)} us and ${worst.ordinary.toFixed(1)} us`,
);

/** As much of `a` as a body may hold, and patterns that nearly fit at every place of it. */
const repeats = {
  ...events[0],
  http: { request: { body: { content: 'a'.repeat(1_048_576) } } },
} as EcsEvent;
const nearly = (length: number): string => `*${'a'.repeat(length)}b${'a'.repeat(length)}*`;
const patterns: Readonly<Record<string, string>> = {
  ordinary: '"*spinner*"',
  'one long': `"${nearly(970)}"`,
  'several shorter': `(${Array.from({ length: 8 }, () => nearly(110)).join(' or ')})`,
};
const searching: Readonly<Record<string, number>> = inTurn(
  Object.fromEntries(
    Object.entries(patterns).map(([name, value]) => {
      const accepts = questionMatcher(parseQuestion(`http.request.body.content: ${value}`));
      return [name, repeated(1, () => void accepts(repeats))];
    }),
  ),
);
const { ordinary: usually = 0, ...patternTimes } = searching;
const longest = Math.max(...Object.values(patternTimes));
tell(
  'the worst hostile pattern over 1 MiB beside an ordinary one',
  longest / usually,
  { most: 100 },
  `${(longest / 1_000).toFixed(1)} ms and ${(usually / 1_000).toFixed(2)} ms`,
);

const three = questionMatcher(
  parseQuestion('event.outcome: failure and http.response.status_code >= 400 and not user.roles: ADMIN'),
);
const matching = inTurn({
  predicate: repeated(200, () => {
    for (const event of events) three(event);
  }),
  parse: repeated(20, () => {
    for (const line of lines) JSON.parse(line);
  }),
});
tell(
  'a predicate of three clauses, events/s beside JSON.parse of the same events',
  matching.parse / matching.predicate,
  { least: 5 },
  `${((matching.predicate / events.length) * 1_000).toFixed(0)} ns an event, parsing ${(matching.parse / events.length).toFixed(2)} us`,
);

const tenants = Array.from({ length: 200 }, (_, at) => ({
  id: `tenant-${at}`,
  accepts: questionMatcher(parseQuestion(`event.outcome: failure and not user.id: u-${at}`)),
}));
const byTenant = new Map(tenants.map(({ id, accepts }) => [id, accepts]));
const stream = Array.from({ length: 20_000 }, (_, at) => ({
  tenant: `tenant-${(at * 7) % 200}`,
  event: JSON.parse(lines[at % lines.length] ?? '{}') as EcsEvent,
}));
const one = questionMatcher(parseQuestion('event.outcome: failure and not user.id: u-1'));
const fanning = inTurn({
  one: repeated(1, () => {
    for (const { event } of stream) one(event);
  }),
  many: repeated(1, () => {
    for (const { tenant, event } of stream) byTenant.get(tenant)?.(event);
  }),
  // As deliver has it: each event is parsed once, for its own tenant's filter.
  'one parsed': repeated(1, () => {
    for (const { event } of stream) one(JSON.parse(JSON.stringify(event)) as EcsEvent);
  }),
  'many parsed': repeated(1, () => {
    for (const { tenant, event } of stream) byTenant.get(tenant)?.(JSON.parse(JSON.stringify(event)) as EcsEvent);
  }),
});
tell(
  "200 tenants' filters on one stream beside one filter",
  fanning['many parsed'] / fanning['one parsed'],
  { most: 1.5 },
  `the predicates alone ${(fanning.many / fanning.one).toFixed(2)}`,
);

process.exitCode = missed > 0 ? 1 : 0;
