import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shownStates } from '../../shared/core/shown-state.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/operate.md'), 'utf8');

describe('docs/operate.md', () => {
  it('explains every state of a subscription that `status` may show, and no other', () => {
    const [, explained = ''] = /^\| `subscriptions\[\]\.state` \| (.*?); `reason`/m.exec(page) ?? [];
    const states = [...explained.matchAll(/`([a-z]+)`/g)].map(([, state]) => state);
    expect(states).toEqual(shownStates);
  });
});
