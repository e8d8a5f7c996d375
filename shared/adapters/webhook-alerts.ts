import { checkTarget, type TargetRules } from '../core/address/target.ts';
import { alertBody, alertId, alertSecret } from '../core/alert.ts';
import { messageOf, OperatorMustFix, withoutPath } from '../core/errors.ts';
import { masked } from '../core/webhook/answer-text.ts';
import { type WebhookRequest, webhookRequest } from '../core/webhook/request.ts';
import { unspeakableOf } from '../core/webhook/unspeakable.ts';
import type { Alert, Alerts } from '../ports/alerts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { checkedLookup, knownAddresses, type Resolve } from './checked-lookup.ts';
import { type Agents, type Deadlines, type Exchange, exchange } from './https-exchange.ts';
import { keptConnections } from './kept-connections.ts';
import { nameResolver } from './name-resolver.ts';

export interface WebhookAlertsOptions extends TargetRules {
  /** `SLUICE_ALERT_URL`. */
  readonly url: string;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'notice'>;
  readonly resolve?: Resolve;
  readonly agents?: Agents;
  readonly deadlines?: Deadlines;
}

/** The alerts that the settings ask for, as a part of the dependencies of deliver. */
export const alertsOf = (
  url: string | undefined,
  options: Omit<WebhookAlertsOptions, 'url'>,
): { readonly alerts?: Alerts } => (url === undefined ? {} : { alerts: webhookAlerts({ ...options, url }) });

/** Shorter than for a batch, because deliveries wait for alerts at the end of a run. */
const shortDeadlines: Deadlines = { connectMs: 3_000, exchangeMs: 5_000 };
/** An outage on our side makes every subscription fail at once, and nobody reads a thousand messages; the rest is in the log. */
const mostPerMinute = 30;
const minuteMs = 60_000;

/**
 * Tells the operator's webhook: Standard Webhooks 1.0.0 over HTTPS, one attempt each, to an address that is checked by the same rules as a
 * customer's. An alert that could not be sent becomes a notice in the log.
 */
export const webhookAlerts = (options: WebhookAlertsOptions): Alerts => {
  const { url, secrets, clock, telemetry, deadlines = shortDeadlines } = options;
  const agents = options.agents ?? keptConnections();
  const names = nameResolver(options);
  const check = checkTarget(url, options);
  let minute = { sinceMs: Number.NEGATIVE_INFINITY, told: 0 };

  const isTooMany = (): boolean => {
    const nowMs = clock.nowMs();
    if (nowMs - minute.sinceMs >= minuteMs) minute = { sinceMs: nowMs, told: 0 };
    minute.told += 1;
    return minute.told > mostPerMinute;
  };

  const post = async (alert: Alert): Promise<string | undefined> => {
    if (check.kind === 'refused') return check.reason;
    const { target } = check;
    const rootKey = await secrets.get('rootKey');
    if (!rootKey)
      throw new OperatorMustFix(
        'There is no secret "rootKey" to sign alerts with. Add one to what SLUICE_SECRETS names; make it with: openssl rand -base64 32',
      );
    const keys = [rootKey.current, ...(rootKey.previous === undefined ? [] : [rootKey.previous])];
    const signing = keys.map(alertSecret);
    const message = { id: alertId(alert), body: alertBody(alert) };
    const request: WebhookRequest = webhookRequest({
      target,
      ...message,
      headers: {},
      secrets: signing,
      nowMs: clock.nowMs(),
    });
    const resolve = target.addresses ? knownAddresses(target.addresses) : (options.resolve ?? names);
    const answer = await exchange(request, { agents, lookup: checkedLookup(resolve, options), ...deadlines });
    return masked(failureIn(answer), unspeakableOf({ signing, headers: {}, path: target.path })) || undefined;
  };

  const notTold = ({ kind, subscription }: Alert, why: string): void => {
    const what = `The alert "${kind}" did not reach ${withoutPath(url)}: ${why.replace(/\.$/, '')}`;
    telemetry.notice('warn', `${what}. What it says is in the log.`, { subscription });
  };

  return {
    tell: async (alert) => {
      try {
        const why = isTooMany() ? `there were more than ${mostPerMinute} within a minute` : await post(alert);
        if (why !== undefined) notTold(alert, why);
      } catch (error) {
        notTold(alert, messageOf(error));
      }
    },
  };
};

/** Why the alert was not accepted; empty if it was. */
const failureIn = (answer: Exchange): string => {
  if (answer.kind === 'failed') return answer.message;
  return answer.status >= 200 && answer.status <= 299 ? '' : `it answered ${answer.status} ${answer.reason}`.trim();
};
