import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { AlertKind } from '../core/alert.ts';
import type { Telemetry } from '../ports/telemetry.ts';

type Measure = readonly [name: string, value: number, unit?: (typeof MetricUnit)[keyof typeof MetricUnit]];

/** The metric for each kind of alert, for an alarm to watch. */
const alertMetrics: Readonly<Record<AlertKind, string>> = {
  'subscription failing': 'SubscriptionFailing',
  'subscription paused': 'SubscriptionPaused',
  'subscription disabled': 'SubscriptionDisabled',
  'disabled soon': 'SubscriptionDisabledSoon',
  'dead letter': 'DeadLetterBuried',
};

/**
 * Telemetry of a deployed function: one JSON line per call on stdout. Lines of runs carry their metrics in CloudWatch's Embedded Metric
 * Format, so each line is log and metric at once. Metrics have the dimensions `service` and, for pulls and reconciliations, `source`; none
 * per subscription or tenant, because each custom metric is billed by the month. Subscription and tenant are fields of the line and can be
 * queried there.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const powertoolsTelemetry = (): Telemetry => {
  const logger = new Logger({ serviceName: 'sluice' });

  const measured = (measures: readonly Measure[], dimensions: Readonly<Record<string, string>> = {}): object => {
    const metrics = new Metrics({ namespace: 'Sluice', serviceName: 'sluice' });
    metrics.addDimensions({ ...dimensions });
    for (const [name, value, unit = MetricUnit.Count] of measures) metrics.addMetric(name, unit, value);
    // The logger writes `service` itself and refuses to be given it.
    const { service: _, ...embedded } = metrics.serializeMetrics();
    return embedded;
  };

  return {
    pullRun: (line) =>
      logger.info('pull', {
        ...line,
        ...measured(
          [
            ['EventsRead', line.read],
            ['EventsKept', line.kept],
            ['EventsJournaled', line.journaled],
            ['EventsUnattributed', line.unattributed],
            ['EventsUnreadable', line.unreadable],
            ['ValuesRedacted', line.redacted],
            ['PullLag', line.lagMs, MetricUnit.Milliseconds],
          ],
          { source: line.source },
        ),
      }),

    attempt: (line) =>
      line.outcome === 'delivered' ? logger.info('attempt', { ...line }) : logger.warn('attempt', { ...line }),

    deliverRun: (line) =>
      logger.info('deliver', {
        ...line,
        ...measured([
          ['EventsDelivered', line.delivered],
          ['EventsFiltered', line.filtered],
          ['DeadLetters', line.deadLetters],
          ['DeliveryLag', line.lagSegments],
          ['OldestUndelivered', line.oldestUndeliveredMs, MetricUnit.Milliseconds],
        ]),
      }),

    reconcileRun: (line) =>
      logger.info('reconcile', {
        ...line,
        ...measured(
          [
            ['LateRecovered', line.recovered],
            ['LateMissed', line.lateMissed],
            ['RemovedAtSource', line.removedAtSource],
            ['CompletenessLag', line.lagMs, MetricUnit.Milliseconds],
          ],
          { source: line.source },
        ),
      }),

    alert: ({ kind, subscription, tenant, text }) =>
      logger.error(text, { subscription, tenant, alert: kind, ...measured([[alertMetrics[kind], 1]]) }),

    notice: (level, message, fields = {}) => logger[level](message, { ...fields }),
  };
};
