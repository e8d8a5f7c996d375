import type { Telling } from '../../core/alert.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { Alerts } from '../../ports/alerts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

export interface TellDeps {
  readonly telemetry: Pick<Telemetry, 'alert'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Absent: nobody is told but by log and metric. */
  readonly alerts?: Alerts;
}

export interface Operator {
  tell(telling: Telling | undefined): void;
  /** Resolves when all that was told is out. Deliveries go on meanwhile. */
  told(): Promise<unknown>;
}

/** Says what a subscription's operator must hear: always to log and metric, to a person not too often. */
export const operatorOf = (
  { telemetry, clock, alerts }: TellDeps,
  { id, tenant }: Pick<Subscription, 'id' | 'tenant'>,
): Operator => {
  const underWay: Promise<void>[] = [];
  return {
    tell: (telling) => {
      if (!telling) return;
      const { kind, text, to } = telling;
      const at = new Date(clock.nowMs()).toISOString();
      const alert = { kind, subscription: id, tenant, text: `Subscription "${id}" ${text}.`, at };
      telemetry.alert(alert);
      if (alerts && to === 'person') underWay.push(alerts.tell(alert));
    },
    told: () => Promise.all(underWay),
  };
};
