/** Options that may be given again: each takes one value, and the word behind it is the command's own. */
import { describe, expect, it } from 'vitest';
import { commandLine } from '../support/command-line.ts';

interface Answer {
  readonly events: readonly { readonly event: { readonly action?: string; readonly outcome?: string } }[];
}

describe('a repeatable option takes one value each time it is given', () => {
  it('a question behind an option of query is asked', async () => {
    const sluice = await commandLine();
    const { events } = await sluice.json<Answer>(['query', '--action', 'agent_login', 'event.outcome: failure']);
    expect(events.length).toBeGreaterThan(0);
    for (const { event } of events) expect(event).toMatchObject({ action: 'agent_login', outcome: 'failure' });
  });

  it('given again, it means any of the values', async () => {
    const sluice = await commandLine();
    const { events } = await sluice.json<Answer>(['query', '--action', 'agent_login', '--action', 'agent_logout']);
    expect(new Set(events.map(({ event }) => event.action))).toEqual(new Set(['agent_login', 'agent_logout']));
  });

  it('keys create refuses a second word, and verify and tenants put keep theirs', async () => {
    const sluice = await commandLine();
    const two = await sluice(['keys', 'create', '--tenant', 'aurora', '--scope', 'events:read', 'keys:write']);
    expect(two).toMatchObject({ code: 2, stdout: '' });
    expect(two.stderr).toContain('too many arguments');
    const one = await sluice.json<{ scopes: readonly string[] }>(['keys', 'create', '--tenant', 'aurora']);
    expect(one.scopes).toEqual(['events:read']);
    expect((await sluice(['verify', '--head', 'a.json', 'b.json'])).stderr).toContain('too many arguments');
    const put = await sluice(['tenants', 'put', '--user', 'ada', '--user', 'bob', 'delta']);
    expect(put.stdout).toContain('delta  version 1  2 users');
  });
});
