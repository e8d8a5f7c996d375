import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { webhookAlerts } from '../../shared/adapters/webhook-alerts.ts';
import { alertSecret } from '../../shared/core/alert.ts';
import type { Alert } from '../../shared/ports/alerts.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { answers, receiver } from '../support/receiver.ts';

const rootKey = 'a root key of thirty-two characters or more';
const alert: Alert = {
  kind: 'subscription failing',
  subscription: 'acme-soc',
  tenant: 'acme',
  text: 'Subscription "acme-soc" is failing, attempt 4 in a row (503 Busy); it is tried again by the timetable.',
  at: '2026-03-01T12:00:00.000Z',
};

const someAlerts = (url: string, given: { readonly rootKey?: string; readonly allow?: readonly string[] } = {}) => {
  const notices: string[] = [];
  const clock = recordingClock({ startMs: Date.now() });
  const alerts = webhookAlerts({
    url,
    secrets: memorySecrets({ rootKey: given.rootKey ?? rootKey }),
    clock,
    telemetry: { notice: (level, message) => void notices.push(`${level}: ${message}`) },
    allow: given.allow ?? ['127.0.0.0/8'],
    deadlines: { connectMs: 1_000, exchangeMs: 1_000 },
  });
  return { alerts, notices, clock };
};

describe('alerts to the operator’s webhook', () => {
  it('are signed, and say what, of whom and when; any library of Standard Webhooks verifies them', async () => {
    await using operator = await receiver();
    const { alerts, notices } = someAlerts(operator.url);
    await alerts.tell(alert);
    const [got] = operator.received;
    const verified = new Webhook(alertSecret(rootKey)).verify(got?.body.toString() ?? '', got?.headers ?? {});
    const { at, ...data } = alert;
    expect(verified).toEqual({ type: 'closer.security.alert', timestamp: at, data });
    expect(notices).toEqual([]);
  });

  it('have the id of what they tell: a repetition is known as one', async () => {
    await using operator = await receiver();
    const { alerts } = someAlerts(operator.url);
    await alerts.tell(alert);
    await alerts.tell(alert);
    await alerts.tell({ ...alert, subscription: 'acme' });
    const ids = operator.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(2);
  });

  it('that are refused are a notice without the path of the URL, and are not sent again', async () => {
    await using operator = await receiver({ answer: answers.status(500) });
    const { alerts, notices } = someAlerts(operator.url.replace('/hook', '/token-of-mine'));
    await alerts.tell(alert);
    expect(operator.received).toHaveLength(1);
    expect(notices).toEqual([expect.stringMatching(/^warn: The alert "subscription failing" did not reach .* 500/)]);
    expect(notices[0]).not.toContain('token-of-mine');
  });

  it('never go where no webhook may go', async () => {
    await using operator = await receiver();
    const { alerts, notices } = someAlerts(operator.url, { allow: [] });
    await alerts.tell(alert);
    expect(operator.received).toEqual([]);
    expect(notices).toHaveLength(1);
  });

  it('are a notice too when nobody is there, or nothing to sign with', async () => {
    const operator = await receiver();
    await operator[Symbol.asyncDispose]();
    const nobody = someAlerts(operator.url);
    await nobody.alerts.tell(alert);
    expect(nobody.notices).toEqual([expect.stringContaining('ECONNREFUSED')]);
    const keyless = someAlerts(operator.url, { rootKey: 'short' });
    await keyless.alerts.tell(alert);
    expect(keyless.notices).toEqual([expect.stringContaining('rootKey')]);
  });

  it('are thirty a minute at most: the rest is in the log', async () => {
    await using operator = await receiver();
    const { alerts, notices, clock } = someAlerts(operator.url);
    for (let n = 0; n < 40; n += 1) await alerts.tell({ ...alert, subscription: `s${n}` });
    expect(operator.received).toHaveLength(30);
    expect(notices).toHaveLength(10);
    clock.advance(60_000);
    await alerts.tell(alert);
    expect(operator.received).toHaveLength(31);
  });
});
