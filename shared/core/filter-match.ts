import type { EcsEvent } from './event.ts';
import type { Filter } from './filter.ts';
import { inBlocks } from './filter-address.ts';
import { type FindPart, findPart } from './find-part.ts';
import { type Instant, toInstant } from './instant.ts';
import { questionMatcher } from './question/match-question.ts';

type Test = (event: EcsEvent, time: Instant | undefined) => boolean;

/**
 * The filter as a predicate over events, compiled once. Every given field must hold; within a list one of its values must.
 * Texts compare without regard to case. An event without the field, or without a readable time when `from` or `to` is given, does not match.
 *
 * @returns a function of the event and, if the caller knows it to the nanosecond, of its time; otherwise `@timestamp` is used
 */
export const matcher = (filter: Filter): ((event: EcsEvent, time?: Instant) => boolean) => {
  const tests = testsOf(filter);
  const [first, second] = tests;
  if (!first) return () => true;
  if (!second) return (event, time) => first(event, time);
  return (event, time) => {
    for (const test of tests) if (!test(event, time)) return false;
    return true;
  };
};

/** One test per given field, the cheap ones first. */
const testsOf = (filter: Filter): readonly Test[] => {
  const { from, to, action, category, kind, type, outcome, user, role, ip, method, status, url, question } = filter;
  const tests: Test[] = [];
  if (action) tests.push(oneText((event) => event.event.action, action));
  if (outcome) tests.push(oneText((event) => event.event.outcome, outcome));
  if (kind) tests.push(oneText((event) => event.event.kind, kind));
  if (status) tests.push(statusTest(status));
  if (method) tests.push(oneText((event) => event.http?.request?.method, method));
  if (category) tests.push(someText((event) => event.event.category, category));
  if (type) tests.push(someText((event) => event.event.type, type));
  if (role) tests.push(someText((event) => event.user?.roles, role));
  if (user) tests.push(userTest(user));
  if (from !== undefined || to !== undefined) tests.push(timeTest(from, to));
  if (ip) tests.push(addressTest(ip));
  if (url) tests.push(urlTest(url));
  if (question) tests.push(questionMatcher(question));
  return tests;
};

const oneText = (read: (event: EcsEvent) => string | undefined, wanted: readonly string[]): Test => {
  const accepts = acceptsText(wanted);
  return (event) => accepts(read(event));
};

const someText = (read: (event: EcsEvent) => readonly string[] | undefined, wanted: readonly string[]): Test => {
  const accepts = acceptsText(wanted);
  return (event) => read(event)?.some(accepts) ?? false;
};

const acceptsText = (wanted: readonly string[]): ((text: string | undefined) => boolean) => {
  const folded = new Set(wanted.map((text) => text.toLowerCase()));
  // Most texts are in lower case already, so the text is looked up before a lower-case copy is made.
  return (text) => text !== undefined && (folded.has(text) || folded.has(text.toLowerCase()));
};

const userTest = (wanted: readonly string[]): Test => {
  const accepts = acceptsText(wanted);
  return ({ user }) => user !== undefined && (accepts(user.id) || accepts(user.email));
};

const statusTest = (wanted: readonly string[]): Test => {
  const codes = new Set<number>();
  for (const text of wanted) {
    if (!/xx$/i.test(text)) codes.add(Number(text));
    else for (let code = Number(text[0]) * 100; code < (Number(text[0]) + 1) * 100; code++) codes.add(code);
  }
  return (event) => {
    const code = event.http?.response?.status_code;
    return code !== undefined && codes.has(code);
  };
};

const timeTest =
  (from: Instant | undefined, to: Instant | undefined): Test =>
  (event, known) => {
    const time = known ?? (event['@timestamp'] === undefined ? undefined : toInstant(event['@timestamp']));
    return time !== undefined && (from === undefined || time >= from) && (to === undefined || time <= to);
  };

const addressTest = (blocks: readonly string[]): Test => {
  const contains = inBlocks(blocks);
  return ({ source }) => source?.ip !== undefined && contains(source.ip);
};

/** The parts between stars must follow each other. Each is looked for once, so no pattern is slow on any text. */
const urlTest = (patterns: readonly string[]): Test => {
  const wanted = patterns.map((pattern) =>
    pattern
      .toLowerCase()
      .split('*')
      .filter((part) => part !== '')
      .map((part) => ({ length: part.length, find: findPart(part) })),
  );
  return ({ url }) => {
    if (url?.full === undefined) return false;
    const text = url.full.toLowerCase();
    return wanted.some((parts) => containsInOrder(text, parts));
  };
};

interface Part {
  readonly length: number;
  readonly find: FindPart;
}

const containsInOrder = (text: string, parts: readonly Part[]): boolean => {
  let position = 0;
  for (const part of parts) {
    const found = part.find(text, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return true;
};
