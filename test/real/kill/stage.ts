/** What the suites of kills and races share: events being written all the time, receivers that keep what they got, and the account at the end. */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { type Answer, answers, type Received, receiver } from '../../support/receiver.ts';
import { sluice } from '../../support/sluice-process.ts';

/** Small, quick numbers from a seed, so that a history can be tried again (mulberry32). */
export const seeded = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** One event as the platform writes it, `ageMs` old. */
export const anEntry = (n: number, ageMs: number): unknown => ({
  '@timestamp': new Date(Date.now() - ageMs).toISOString(),
  message: {
    'event.kind': ['event'],
    'event.category': ['iam'],
    'event.type': ['user', 'change'],
    'event.action': 'agent_skills_change',
    'event.outcome': n % 3 === 0 ? 'failure' : 'success',
    'http.request.method': 'PUT',
    'http.request.body.content': JSON.stringify({ skills: [`skill ${n}`] }),
    'user.id': '00000000-0000-0000-0000-000000000000',
    'user.roles': ['ADMIN'],
    'source.ip': '192.0.2.7',
    'url.full': `http://spinner.stage.closer.app/api/users/agents/${n}/skills`,
  },
});

/** Webhooks of many sizes and a folder: while one waits for the claim of a dead process, others are in the middle of something. */
export const writeSubscriptions = async (cwd: string, hook: string): Promise<readonly string[]> => {
  const webhook = (id: string, maxEvents: number, more: object = {}) => ({
    id,
    tenant: 'acme',
    start: 'beginning',
    batch: { maxEvents },
    destination: { type: 'webhook', url: `${hook}/${id}` },
    ...more,
  });
  const subscriptions = [
    webhook('tiny', 7),
    webhook('small', 40),
    webhook('large', 500),
    webhook('operator', 60, { tenant: '*' }),
    webhook('failures', 25, { filter: { outcome: 'failure' } }),
    {
      id: 'folder',
      tenant: 'acme',
      start: 'beginning',
      batch: { maxEvents: 50 },
      destination: { type: 'folder', path: join(cwd, 'delivered') },
    },
  ];
  await writeFile(join(cwd, 'subscriptions.json'), JSON.stringify(subscriptions));
  return subscriptions.map(({ id }) => id);
};

/**
 * Takes most requests; of every `outOf` it takes one without saying so and refuses another. Never twice in a row for one subscription:
 * the third failure would be tried again after five minutes only.
 */
export const unreliable = async (outOf: number) => {
  let requests = 0;
  let quiet = false;
  const failed = new Set<string>();
  const answer: Answer = (response, request) => {
    requests += 1;
    const turn = requests % outOf;
    const path = request.url ?? '';
    const faulty = !quiet && !failed.delete(path) && (turn === 0 || turn === Math.floor(outOf / 2));
    if (!faulty) return answers.status(204)(response, request);
    failed.add(path);
    return turn === 0 ? answers.reset(response, request) : answers.status(503)(response, request);
  };
  const hooks = await receiver({ answer });
  const calmDown = (): void => {
    quiet = true;
  };
  return { hooks, calmDown };
};

export const subscriptionOf = ({ path }: Received): string => path.split('/').at(-1) ?? '';

/** `event.id` of what a subscription accepted, once per `webhook-id`. Refused or not: one id stands for one content. */
export const deliveredOnceTo = (received: readonly Received[], subscription: string): readonly string[] => {
  const contents = new Map<string, string>();
  const events: string[] = [];
  for (const request of received) {
    if (subscriptionOf(request) !== subscription) continue;
    const id = request.headers['webhook-id'] ?? '';
    const content = createHash('sha256').update(request.body).digest('hex');
    const before = contents.get(id);
    expect(before ?? content, `two contents under ${id}`).toBe(content);
    if (before !== undefined) continue;
    contents.set(id, content);
    events.push(...idsIn(JSON.parse(request.body.toString()).data.events));
  }
  return events;
};

const idsIn = (events: readonly { readonly event: { readonly id: string } }[]): readonly string[] =>
  events.map(({ event }) => event.id);

export const deliveredIntoFolder = async (cwd: string): Promise<readonly string[]> => {
  const folder = join(cwd, 'delivered');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ndjson.gz'));
  const texts = await Promise.all(names.map(async (name) => gunzipSync(await readFile(join(folder, name))).toString()));
  return texts.flatMap((text) =>
    idsIn(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ),
  );
};

/** The same ids, none missing and none twice; a failure names a few instead of printing thousands. */
export const expectEachOnce = (got: readonly string[], wanted: readonly string[], who: string): void => {
  const times = new Map<string, number>();
  for (const id of got) times.set(id, (times.get(id) ?? 0) + 1);
  const missing = wanted.filter((id) => !times.has(id));
  const twice = [...times].filter(([, count]) => count > 1).map(([id]) => id);
  const known = new Set(wanted);
  const foreign = [...times.keys()].filter((id) => !known.has(id));
  const told = { missing: missing.slice(0, 5), twice: twice.slice(0, 5), foreign: foreign.slice(0, 5) };
  expect({ ...told, of: missing.length + twice.length + foreign.length }, who).toEqual({
    missing: [],
    twice: [],
    foreign: [],
    of: 0,
  });
};

/** Who still waits, in the words of `status`; nobody, once everything is delivered. */
export const whoWaits = async (cwd: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const ended = await sluice(['status', '--json'], { cwd, env });
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  const { subscriptions } = JSON.parse(ended.stdout) as { subscriptions: readonly { readonly waiting: number }[] };
  return subscriptions.filter((one) => one.waiting > 0).map((one) => JSON.stringify(one));
};
