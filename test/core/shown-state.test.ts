import { describe, expect, it } from 'vitest';
import { shownState } from '../../shared/core/shown-state.ts';
import { freshState, type Health, type Hold } from '../../shared/core/subscription-state.ts';

const sinceMs = Date.parse('2026-03-01T09:00:00.000Z');
const fresh = freshState({ segment: 1, index: 0 });
const shown = (health: Partial<Health>, hold?: Hold) =>
  shownState({ ...fresh, health: { ...fresh.health, ...health }, ...(hold && { hold }) });
const pending: Hold = { kind: 'pending', token: 'abcdefghijklmnopqrstuvwxyz012345', sinceMs };

describe('what a person sees of a subscription', () => {
  it('is active, without a reason, while all is well and for the first three failures in a row', () => {
    expect(shown({})).toEqual({ state: 'active' });
    expect(shown({ failures: 3, failingSinceMs: sinceMs, lastAnswer: '503' })).toEqual({ state: 'active' });
  });

  it('is failing from the fourth on: since when, with which answer, and when it is tried again', () => {
    const health = { failures: 4, failingSinceMs: sinceMs, lastAnswer: '503 Busy', retryAtMs: sinceMs + 60_000 };
    expect(shown(health)).toEqual({
      state: 'failing',
      reason:
        '4 failures in a row since 2026-03-01T09:00:00.000Z; last answer: 503 Busy; next try at 2026-03-01T09:01:00.000Z',
    });
  });

  it('is pending until its endpoint has answered the challenge; the token is not told', () => {
    const { state, reason } = shown({ failures: 2, lastAnswer: '404 Not Found' }, pending);
    expect(state).toBe('pending');
    expect(reason).toBe(
      'the endpoint has not answered the challenge yet, asked since 2026-03-01T09:00:00.000Z; tried 2 times; last answer: 404 Not Found',
    );
    expect(reason).not.toContain(pending.token);
  });

  it('is paused by somebody, with their words, or because settings look wrong', () => {
    expect(shown({}, { kind: 'paused', by: 'k7', sinceMs, reason: 'moving house' })).toEqual({
      state: 'paused',
      reason: 'paused by key k7 at 2026-03-01T09:00:00.000Z: moving house',
    });
    expect(shown({}, { kind: 'paused', by: 'operator', sinceMs }).reason).toContain('paused by an operator');
    expect(shown({ status: 'paused', failures: 4, lastAnswer: '401 Unauthorized' })).toMatchObject({
      state: 'paused',
      reason: expect.stringContaining('401 Unauthorized'),
    });
  });

  it('is disabled whatever else holds it, and says that nothing is lost', () => {
    const off = { status: 'disabled', failures: 12, failingSinceMs: sinceMs, lastAnswer: '500' } as const;
    expect(shown(off, { kind: 'paused', by: 'operator', sinceMs })).toEqual({
      state: 'disabled',
      reason:
        'no success since 2026-03-01T09:00:00.000Z; last answer: 500; nothing is lost, resuming goes on at its cursor',
    });
    expect(shown(off, pending).reason).toContain('never answered the challenge');
    expect(shown({ status: 'disabled', lastAnswer: '410 Gone' }).reason).toContain('wants no more; last answer: 410');
  });
});
