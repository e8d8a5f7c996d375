import { counted } from '../../shared/adapters/console-telemetry.ts';
import { lasting } from '../../shared/core/lasting.ts';
import { readStatus, type SourceStatus, type SubscriptionStatus } from '../../shared/flows/read-status.ts';
import { keptSentence } from '../../shared/flows/status/kept-states.ts';
import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import { onOneLine } from '../printable.ts';
import { withSluice } from '../with-sluice.ts';

/** Ends with 1 when an account does not add up, a state cannot be used or events were missed; `--json` prints a `Status`, its `problems` included. */
export const statusCommand: CommandBuilder = (terminal, done) =>
  command('status', 'shows how far the source and each subscription have come, and whether all adds up').action(
    async (options: CommonOptions) => {
      const status = await withSluice(terminal, options, async (sluice) =>
        readStatus(sluice, await sluice.roster.all()),
      );
      if (options.json) terminal.print(JSON.stringify(status));
      else {
        terminal.print(sourceLine(status.source));
        for (const line of reconciledLines(status.source)) terminal.print(line);
        for (const subscription of status.subscriptions) terminal.print(subscriptionLine(subscription));
        for (const kept of status.kept ?? []) terminal.print(keptSentence(kept));
        if (status.subscriptions.length === 0 && status.problems.length === 0)
          terminal.say('No subscriptions. Make one with: npx sluice subscriptions create --help');
      }
      for (const problem of status.problems) terminal.say(`Error: ${problem}`);
      if (status.problems.length > 0) done(1);
    },
  );

const sourceLine = (source: SourceStatus): string => {
  if (source.state === 'never pulled') return `source ${source.id}: never pulled. Begin with: sluice pull`;
  if (source.state === 'begun')
    return `source ${source.id}: no pull has reached its end yet; ${counted(source.events, 'event')} in ${counted(source.segments, 'segment')} so far. Run again, and read what it says: sluice pull`;
  const through = source.reconciled?.completeThrough ?? source.watermark ?? '';
  const later = source.reattributed > 0 ? ` (${source.reattributed} attributed later)` : '';
  return `source ${source.id}: complete up to ${short(through)} (${lasting(source.lagMs ?? 0)} ago), looked at ${source.scannedAt}; ${counted(source.events, 'event')} in ${counted(source.segments, 'segment')}, ${source.unattributed} of no known tenant${later}`;
};

const reconciledLines = ({ state, reconciled }: SourceStatus): readonly string[] => {
  if (state !== 'pulled') return [];
  if (!reconciled) return ['  never compared with the source: sluice reconcile does it'];
  const { checkedAt, lateRecovered, lateMissed, removedAtSource, exceptions, unmended } = reconciled;
  const open =
    unmended === undefined ? '' : `; from ${short(unmended)} on counts differ, the next reconcile looks again`;
  return [
    `  compared with the source at ${checkedAt}: ${lateRecovered} recovered late, ${lateMissed} missed (too late to be delivered), ${removedAtSource} removed at the source, ${exceptions} without a time or dated ahead${open}`,
  ];
};

const short = (instant: string): string => `${instant.slice(0, 19)}Z`;

const subscriptionLine = (one: SubscriptionStatus): string => {
  const waiting =
    one.waiting === 0 ? 'caught up' : `${one.waiting} waiting, the oldest for ${lasting(one.oldestUndeliveredMs)}`;
  return `${one.id}: ${one.state}, ${waiting}; ${one.delivered} delivered, ${one.filtered} filtered out, ${one.deadLetters} dead letters, of ${one.journaled} journaled for it${troubleOf(one)}`;
};

/** If the state has a reason, the reason names the failures too. */
const troubleOf = ({ reason, failures, retryAt, lastAnswer }: SubscriptionStatus): string => {
  if (reason !== undefined) return `; ${onOneLine(reason)}`;
  if (failures === 0) return '';
  return `; failed ${counted(failures, 'time')}, again at ${retryAt ?? 'once'}: ${onOneLine(lastAnswer ?? '')}`;
};
