import { describe, expect, it } from 'vitest';
import { endpointOf } from '../../shared/core/endpoint.ts';
import { challengedState, heldForChange, pausedState, pendingHold, resumedState } from '../../shared/core/hold.ts';
import { freshState, type SubscriptionState } from '../../shared/core/subscription-state.ts';
import { aSubscription } from '../support/world.ts';

const url = 'https://hooks.acme.example/in';
const webhook = aSubscription({ destination: { type: 'webhook', url } });
const asked = { subscription: webhook, token: 'abcdefghijklmnopqrstuvwxyz-0123456789_AB', nowMs: 7 };
const fresh = freshState({ segment: 1, index: 0 });
const pending: SubscriptionState = { ...fresh, hold: pendingHold(asked) };
const pausing = { by: 'k7', sinceMs: 1, reason: 'moving house' };

describe('a hold', () => {
  it('names the endpoint that must answer, where there is one to name', () => {
    const { token } = asked;
    expect(pendingHold(asked)).toEqual({ kind: 'pending', token, sinceMs: 7, endpoint: endpointOf(url) });
    expect(pendingHold({ ...asked, subscription: undefined })).toEqual({ kind: 'pending', token, sinceMs: 7 });
  });

  it('by a pause ends when it is resumed, and what failed before counts no more', () => {
    const failing = { ...fresh, health: { ...fresh.health, failures: 3, failingSinceMs: 1, deadLettersInARow: 2 } };
    expect(resumedState(pausedState(failing, pausing), asked)).toEqual(fresh);
  });

  it('by a pause of one that was pending becomes pending again when it is resumed', () => {
    const paused = pausedState(pending, pausing);
    expect(paused.hold).toMatchObject({ kind: 'paused', isUnproven: true });
    expect(resumedState(paused, asked)).toEqual(pending);
  });

  it('for a change of the URL ends in the challenge of the new one', () => {
    const held = heldForChange(fresh, pausing);
    expect(held.hold).toMatchObject({ kind: 'paused', isUnproven: true, forChange: true });
    expect(challengedState(held, asked)).toEqual(pending);
  });

  it('by somebody outlasts a change of the URL, and owes the answer of the new one', () => {
    const held = heldForChange(pausedState(fresh, pausing), pausing);
    expect(challengedState(held, asked)).toBe(held);
    expect(resumedState(held, asked)).toEqual(pending);
    const meanwhile = pausedState(heldForChange(fresh, pausing), pausing);
    expect(challengedState(meanwhile, asked)).toBe(meanwhile);
    expect(resumedState(meanwhile, asked)).toEqual(pending);
  });
});
