import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import project from '../../package.json' with { type: 'json' };
import { apiMarkdown } from '../../shared/http/docs/api-markdown.ts';
import { exampleCalls } from '../../shared/http/docs/example-calls.ts';
import { documentedOperations } from '../../shared/http/manage-app.ts';
import { openApi } from '../../shared/http/openapi.ts';
import { createdKey } from '../../shared/http/schemas/admin-schemas.ts';
import { attemptList, deadLetterList } from '../../shared/http/schemas/call-schemas.ts';
import { polledBatch } from '../../shared/http/schemas/poll-schemas.ts';
import { createdSubscription, rotatedSecret, subscription } from '../../shared/http/schemas/subscription-schemas.ts';
import { type Answer, receiver } from '../support/receiver.ts';
import { sluice, startSluice } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');

it('docs/api.md is what npm run docs:api makes of the schemas', () => {
  expect(page).toBe(apiMarkdown(openApi(documentedOperations, project.version), exampleCalls));
});

it('every call has a command that shows it, once', () => {
  expect(exampleCalls.map(({ name }) => name).toSorted()).toEqual(
    documentedOperations.map(({ name }) => name).toSorted(),
  );
});

/** Answers the challenge, and takes everything but two events. */
const picky = (received: () => Buffer): Answer => {
  const refused = new Set<string>();
  return (response) => {
    const { type, data } = JSON.parse(received().toString()) as {
      type: string;
      data: { challenge?: string; events?: readonly { event: { id: string } }[] };
    };
    if (type === 'closer.security.challenge') return response.end(data.challenge);
    const ids = (data.events ?? []).map(({ event }) => event.id);
    if (type === 'closer.security.events' && refused.size === 0) for (const at of [3, 20]) refused.add(ids[at] ?? '');
    response.statusCode = ids.some((id) => refused.has(id)) ? 422 : 200;
    return response.end();
  };
};

/** Everything in one shell, as somebody types it. */
const run = (script: string, cwd: string, env: Readonly<Record<string, string>>) =>
  new Promise<{ readonly failed: boolean; readonly stdout: string; readonly stderr: string }>((resolve) => {
    const path = `${dirname(process.execPath)}:${process.env['PATH']}`;
    execFile(
      'bash',
      ['-euo', 'pipefail', '-c', script],
      { cwd, timeout: 90_000, maxBuffer: 10_000_000, env: { PATH: path, ...env } },
      (error, stdout, stderr) => resolve({ failed: error !== null, stdout, stderr }),
    );
  });

it('every command of docs/api.md works, in the order of the page, against sluice start', async () => {
  const cwd = await temporaryFolder();
  const answer = picky(() => hooks.received.at(-1)?.body ?? Buffer.from('{}'));
  await using hooks = await receiver({ answer });
  const env = { SLUICE_HTTP_PORT: '0', SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8' };
  const running = startSluice(['start', '--json'], { cwd, env });
  const { url } = JSON.parse(await running.shows(/^\{"url".*\}$/m)) as { url: string };
  const makeKey = async (...words: readonly string[]) =>
    (await sluice(['keys', 'create', ...words], { cwd, env })).stdout.trim();
  const scopes = ['events:read', 'subscriptions:write', 'keys:write'];

  const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, command = '']) => command);
  expect(commands.length).toBe(exampleCalls.length + 1);
  const script = commands.map(
    (command, at) => `echo ${JSON.stringify(`::: ${exampleCalls[at - 1]?.name ?? 'before'}`)} >&2\n${command}`,
  );
  const { failed, stdout, stderr } = await run(script.join('\n'), cwd, {
    SLUICE: url,
    RECEIVER: hooks.url,
    KEY: await makeKey('--tenant', 'aurora', ...scopes.flatMap((scope) => ['--scope', scope])),
    OPERATOR: await makeKey('--tenant', '*', '--scope', 'operator'),
  });
  expect(failed ? `${stdout.slice(-800)}\n${stderr.slice(-800)}` : '').toBe('');
  // Of each kind one answer, as the page promises it.
  expect(stdout).toContain('"kind":"delivered"');
  expect(stdout).toContain('"outcome":"poison"');
  expect(stdout).toContain('"type":"closer.security.events"');
  expect(stdout).toContain('"action":"dead-letter-discarded"');
  const sent = hooks.received.map(({ body }) => (JSON.parse(body.toString()) as { type: string }).type);
  expect(new Set(sent)).toEqual(
    new Set(['closer.security.challenge', 'closer.security.test', 'closer.security.events']),
  );
  // And what a world in memory has none of, as the schemas have it.
  for (const [file, schema] of [
    ['letters.json', deadLetterList],
    ['subscription.json', subscription],
    ['created.json', createdSubscription],
    ['rotated.json', rotatedSecret],
    ['key.json', createdKey],
    ['batch.json', polledBatch],
  ] as const) {
    const answer: unknown = JSON.parse(readFileSync(join(cwd, file), 'utf8'));
    expect(schema.parse(answer)).toEqual(answer);
  }
  const attempts = stdout.split('\n').find((line) => line.includes('"kind":"challenge"')) ?? '';
  expect(attemptList.parse(JSON.parse(attempts))).toEqual(JSON.parse(attempts));
  running.signal('SIGINT');
  expect((await running.ended).code).toBe(0);
}, 120_000);
