import { counted } from '../../shared/adapters/console-telemetry.ts';
import { type ReattributeLine, reattribute } from '../../shared/flows/reattribute.ts';
import { registerSubscriptions } from '../../shared/flows/register-subscriptions.ts';
import { wakeSubscriptions } from '../../shared/flows/wake-subscriptions.ts';
import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import type { Sluice } from '../compose.ts';
import { progressBar } from '../progress.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import type { Terminal } from '../terminal.ts';
import { sayWhatIsMissing, withSluice } from '../with-sluice.ts';

export const reattributeCommand: CommandBuilder = (terminal, done) =>
  command('reattribute', 'brings events that nobody owned to the tenants that the directory names now').action(
    async (options: CommonOptions) => {
      const line = await withSluice(terminal, options, (sluice) => reattributeAll(sluice, terminal));
      terminal.print(options.json ? JSON.stringify(line) : sentence(line));
      if (line.undecided > 0)
        terminal.say(
          `${counted(line.undecided, 'event')} stay of no known tenant: evidence in them was redacted, and with it perhaps another owner.`,
        );
      if (line.expired > 0)
        terminal.say(
          `${counted(line.expired, 'segment')} with events of no known tenant are older than the journal is kept: those events stay where they were.`,
        );
      if (line.result === 'more') done(1);
    },
  );

const reattributeAll = async (sluice: Sluice, terminal: Terminal): Promise<ReattributeLine> => {
  const { directory } = sluice;
  const { attribute } = await directory.current();
  await sayWhatIsMissing({ directory }, terminal);
  const stopping = stopOnSignal(terminal, sluice.clock, 1);
  const bar = progressBar(terminal, 'Looking again');
  try {
    // As before a pull: a new subscription with `start: now` begins before the segments that this appends.
    await registerSubscriptions(sluice, sluice.roster.fromFile);
    const line = await reattribute(
      {
        journal: sluice.journal,
        clock: sluice.clock,
        attribute,
        progress: ({ segments, of }) => bar.at(segments, of),
      },
      { remainingMs: stopping.limits.remainingMs },
    );
    await wakeSubscriptions(sluice);
    return line;
  } finally {
    bar.end();
    stopping.over();
  }
};

const sentence = (line: ReattributeLine): string => {
  const tenants = Object.entries(line.byTenant)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([tenant, count]) => `${count} to ${tenant}`);
  const news =
    line.attributed === 0
      ? 'none has an owner now'
      : `${line.attributed} now owned (${tenants.join(', ')}), journaled in ${counted(line.segments, 'segment')}`;
  const end = line.result === 'more' ? '; stopped early, run it again for the rest' : '';
  return `${line.source}: looked again at ${counted(line.looked, 'event')} of no known tenant: ${news}${end}.`;
};
