import { counted } from '../../shared/adapters/console-telemetry.ts';
import { existingInstant } from '../../shared/core/existing-instant.ts';
import { beginningOfTime, type Instant, instantFromMs } from '../../shared/core/instant.ts';
import { type BackfillLine, type BackfillOptions, backfill } from '../../shared/flows/backfill.ts';
import { wakeSubscriptions } from '../../shared/flows/wake-subscriptions.ts';
import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import type { Sluice } from '../compose.ts';
import { progressBar } from '../progress.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import type { Terminal } from '../terminal.ts';
import { withSluice } from '../with-sluice.ts';
import { WrongUsage } from '../wrong-usage.ts';

interface Options extends CommonOptions {
  readonly from: string;
  readonly to: string;
  readonly everyMinute?: true;
}

type Asked = Pick<BackfillOptions, 'from' | 'to' | 'looked'>;

export const backfillCommand: CommandBuilder = (terminal, done) =>
  command('backfill', 'brings events of a range that the journal does not hold, beside the live pull')
    .requiredOption('--from <instant>', 'where it begins, in UTC: 2026-01-31 or 2026-01-31T08:00:00Z')
    .requiredOption('--to <instant>', 'where it ends, at most now')
    .option('--every-minute', 'compare ids in every minute, not only where the source counts more')
    .action(async (options: Options) => {
      const line = await withSluice(terminal, options, (sluice) =>
        backfillOnTerminal(sluice, terminal, askedIn(options, sluice.clock.nowMs())),
      );
      for (const { from, to, reason } of line.refused)
        terminal.say(`Not all of ${from.slice(0, 16)}Z to ${to.slice(0, 16)}Z could be brought. ${reason}`);
      terminal.print(options.json ? JSON.stringify(line) : backfillSentence(line));
      if (line.result !== 'done') done(1);
    });

/** @throws WrongUsage */
const askedIn = (options: Options, nowMs: number): Asked => {
  const [from, to] = [instantIn('--from', options.from), instantIn('--to', options.to)];
  if (from >= to)
    throw new WrongUsage(`--from must be earlier than --to; got ${options.from} and ${options.to}. Exchange them.`);
  if (to > instantFromMs(nowMs))
    throw new WrongUsage(
      `--to must not be in the future; got ${options.to}. Write ${new Date(nowMs).toISOString().slice(0, 19)}Z or earlier: what is still to come is the pull's work.`,
    );
  if (from < beginningOfTime)
    throw new WrongUsage(
      `--from must be 1970-01-01 or later; got ${options.from}. Events dated earlier are journaled as exceptions by every pull.`,
    );
  return { from, to, looked: options.everyMinute ? 'every' : 'differing' };
};

const instantIn = (name: string, text: string): Instant => {
  const instant = existingInstant(text);
  if (instant !== undefined) return instant;
  throw new WrongUsage(
    `${name} must be a day or an instant in UTC; got "${text}". Write, for example, 2026-01-31 or 2026-01-31T08:00:00Z.`,
  );
};

const backfillOnTerminal = async (sluice: Sluice, terminal: Terminal, asked: Asked): Promise<BackfillLine> => {
  const stopping = stopOnSignal(terminal, sluice.clock, 1);
  const bar = progressBar(terminal, 'Looking through minutes');
  try {
    const progress = ({ done, of }: { readonly done: number; readonly of: number }) => bar.at(done, of);
    const line = await backfill({ ...sluice, read: await sluice.reader(), progress }, { ...asked, ...stopping.limits });
    if (line.recovered > 0) await wakeSubscriptions(sluice);
    return line;
  } finally {
    bar.end();
    stopping.over();
  }
};

const backfillSentence = (line: BackfillLine): string => {
  const range = `${line.source}: ${line.from.slice(0, 16)}Z to ${line.to.slice(0, 16)}Z`;
  const brought =
    line.recovered === 0
      ? 'nothing was missing'
      : `${counted(line.recovered, 'event')} journaled in ${counted(line.segments, 'segment')}`;
  switch (line.result) {
    case 'done':
      return `${range}: ${brought}.`;
    case 'refused':
      return `${range}: ${brought}, but for ${counted(line.refused.length, 'range')} named above.`;
    case 'more':
      return `${range}: ${brought} up to ${line.through.slice(0, 16)}Z; the same command goes on from there.`;
    default:
      return line.result satisfies never;
  }
};
