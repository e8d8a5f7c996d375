import { counted } from '../../shared/adapters/console-telemetry.ts';
import { readStatus, type SourceStatus, type SubscriptionStatus } from '../../shared/flows/read-status.ts';
import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import { lasting } from '../lasting.ts';
import { withSluice } from '../with-sluice.ts';

export const statusCommand: CommandBuilder = (terminal) =>
  command('status', 'shows how far the source and each subscription have come').action(
    async (options: CommonOptions) => {
      const status = await withSluice(terminal, options, (sluice) => readStatus(sluice, sluice.subscriptions));
      if (options.json) return terminal.print(JSON.stringify(status));
      terminal.print(sourceLine(status.source));
      for (const subscription of status.subscriptions) terminal.print(subscriptionLine(subscription));
      if (status.subscriptions.length === 0)
        terminal.say('No subscriptions. SLUICE_SUBSCRIPTIONS_FILE says who receives events.');
    },
  );

const sourceLine = (source: SourceStatus): string =>
  source.state === 'never pulled'
    ? `source ${source.id}: never pulled. Begin with: sluice pull`
    : `source ${source.id}: complete up to ${source.watermark?.slice(0, 19)}Z (${lasting(source.lagMs ?? 0)} ago), looked at ${source.scannedAt}; ${counted(source.events, 'event')} in ${counted(source.segments, 'segment')}, ${source.unattributed} of no known tenant`;

const subscriptionLine = (one: SubscriptionStatus): string => {
  const waiting =
    one.waiting === 0 ? 'caught up' : `${one.waiting} waiting, the oldest for ${lasting(one.oldestUndeliveredMs)}`;
  const trouble =
    one.failures === 0
      ? ''
      : `; failed ${counted(one.failures, 'time')}, again at ${one.retryAt ?? 'once'}: ${one.lastAnswer ?? ''}`;
  return `${one.id}: ${one.state}, ${waiting}; ${one.delivered} delivered, ${one.filtered} filtered out, ${one.deadLetters} dead letters${trouble}`;
};
