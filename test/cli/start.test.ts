import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answers, receiver } from '../support/receiver.ts';
import { sluice, startSluice } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const free = { SLUICE_HTTP_PORT: '0' };

describe('start', () => {
  it('pulls, delivers, answers HTTP with a key, and Ctrl-C stops it cleanly', async () => {
    await using hooks = await receiver();
    const cwd = await temporaryFolder();
    const subscription = {
      id: 'aurora-soc',
      tenant: 'aurora',
      start: 'beginning',
      destination: { type: 'webhook', url: hooks.url },
    };
    writeFileSync(join(cwd, 'subscriptions.json'), JSON.stringify([subscription]));
    const env = {
      ...free,
      SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json',
      SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
    };
    const running = startSluice(['start', '--json'], { cwd, env });
    const { url } = JSON.parse(await running.shows(/^\{"url".*\}$/m));
    await running.shows('aurora-soc: 55 events delivered in 1 batch; caught up.');

    const key = (await sluice(['keys', 'create', '--tenant', 'aurora'], { cwd, env })).stdout.trim();
    const answer = await fetch(`${url}/v1/events?limit=1`, { headers: { Authorization: `Bearer ${key}` } });
    expect(((await answer.json()) as { events: unknown[] }).events).toHaveLength(1);

    running.signal('SIGINT');
    const { code, stderr } = await running.ended;
    expect(stderr).toContain('Stopping: finishing what is under way, at most 10 s.');
    expect(stderr.trimEnd()).toMatch(/Stopped\. Nothing is under way; the next start goes on from here\.$/);
    expect(code).toBe(0);
    expect(hooks.received).toHaveLength(1);
  });

  it('finishes the request that is under way when SIGTERM comes', async () => {
    let answerNow = (): void => {};
    await using hooks = await receiver({
      answer: (response, request) => {
        answerNow = () => answers.status(204)(response, request);
      },
    });
    const cwd = await temporaryFolder();
    const subscription = {
      id: 'all',
      tenant: '*',
      start: 'beginning',
      destination: { type: 'webhook', url: hooks.url },
    };
    writeFileSync(join(cwd, 'subscriptions.json'), JSON.stringify([{ ...subscription, batch: { maxEvents: 100 } }]));
    const env = {
      ...free,
      SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json',
      SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
    };
    const running = startSluice(['start'], { cwd, env });
    await running.shows('150 new events');
    await expect.poll(() => hooks.received.length).toBe(1);
    running.signal('SIGTERM');
    await running.shows('Stopping');
    answerNow();
    expect((await running.ended).code).toBe(0);
    const status = await sluice(['status', '--json'], { cwd, env });
    expect(JSON.parse(status.stdout).subscriptions).toMatchObject([{ delivered: 100, waiting: 50, failures: 0 }]);
  });

  it('ends at once on the second Ctrl-C', async () => {
    await using hooks = await receiver({ answer: () => {} });
    const cwd = await temporaryFolder();
    const subscription = {
      id: 'all',
      tenant: '*',
      start: 'beginning',
      destination: { type: 'webhook', url: hooks.url },
    };
    writeFileSync(join(cwd, 'subscriptions.json'), JSON.stringify([subscription]));
    const env = {
      ...free,
      SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json',
      SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
    };
    const running = startSluice(['start'], { cwd, env });
    await expect.poll(() => hooks.received.length, { timeout: 15_000 }).toBe(1);
    running.signal('SIGINT');
    await running.shows('Stopping');
    const again = setInterval(() => running.signal('SIGINT'), 100);
    const { code, stderr } = await running.ended;
    clearInterval(again);
    expect(stderr).toContain('Stopped at once.');
    expect(code).toBe(0);
  });

  it('says which port is taken and how to choose another', async () => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { code, stdout, stderr } = await sluice(['start'], {
      cwd: await temporaryFolder(),
      env: { SLUICE_HTTP_PORT: `${port}` },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      `at 127.0.0.1 port ${port} (SLUICE_HTTP_HOST, SLUICE_HTTP_PORT): another program answers there.`,
    );
  });

  it('ends with 1 when the first pull meets what a person must fix', async () => {
    const env = { ...free, SLUICE_SOURCE_URL: 'file:missing.ndjson', SLUICE_TENANT: 'acme' };
    const { code, stderr } = await sluice(['start'], { cwd: await temporaryFolder(), env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/missing\.ndjson" does not exist/);
  });
});

it('a pull that waits for a silent Elasticsearch ends with 1 on the second Ctrl-C', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void silent.close());
  const asked = once(silent, 'request');
  const { port } = silent.address() as AddressInfo;
  const env = { SLUICE_SOURCE_URL: `http://127.0.0.1:${port}`, SLUICE_SOURCE_INDEX: 'closer*', SLUICE_TENANT: 'acme' };
  const running = startSluice(['pull'], { cwd: await temporaryFolder(), env });
  await asked;
  const again = setInterval(() => running.signal('SIGINT'), 100);
  const { code, stdout, stderr } = await running.ended;
  clearInterval(again);
  expect(stderr).toContain('Stopped at once.');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});
