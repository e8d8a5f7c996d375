import type { Command } from 'commander';
import { commandLine } from '../../shared/flows/manage/caller.ts';
import { pauseSubscription, resumeSubscription } from '../../shared/flows/manage/pause-subscription.ts';
import { replaySubscription } from '../../shared/flows/manage/replay-subscription.ts';
import { rotateSecret } from '../../shared/flows/manage/rotate-secret.ts';
import { testSubscription } from '../../shared/flows/manage/test-subscription.ts';
import { type CommonOptions, command } from '../command.ts';
import type { ExitCode } from '../exit-code.ts';
import { withManage } from '../manage-deps.ts';
import type { Terminal } from '../terminal.ts';
import { WrongUsage } from '../wrong-usage.ts';
import { foundValue } from './found-value.ts';
import { printSigning } from './print-signing.ts';
import { printView } from './read.ts';

export const pauseCommand = (terminal: Terminal): Command =>
  command('pause', 'sends nothing more until it is resumed; nothing is lost')
    .argument('<id>', 'of the subscription')
    .option('--reason <text>', 'shown with its state')
    .action(async (id: string, options: CommonOptions & { readonly reason?: string }) => {
      const asked = options.reason === undefined ? {} : { reason: options.reason };
      const view = await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await pauseSubscription(deps, commandLine, id, asked)),
      );
      printView(terminal, options, view);
    });

export const resumeCommand = (terminal: Terminal): Command =>
  command('resume', 'goes on at its cursor at once; a pending one is challenged again')
    .argument('<id>', 'of the subscription')
    .action(async (id: string, options: CommonOptions) => {
      const view = await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await resumeSubscription(deps, commandLine, id)),
      );
      printView(terminal, options, view);
      terminal.say('sluice start goes on within a second; otherwise: npx sluice deliver');
    });

/** Ends with 1 when the message did not arrive. */
export const testCommand = (terminal: Terminal, done: (code: ExitCode) => void): Command =>
  command('test', 'sends a signed example event, and says what came of it')
    .argument('<id>', 'of the subscription')
    .action(async (id: string, options: CommonOptions) => {
      const result = await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await testSubscription(deps, commandLine, id)),
      );
      terminal.print(
        options.json ? JSON.stringify(result) : `${result.kind}  ${result.durationMs} ms  ${result.answer}`,
      );
      if (result.kind !== 'delivered') done(1);
    });

interface RotateOptions extends CommonOptions {
  readonly overlap: string;
}

export const rotateSecretCommand = (terminal: Terminal): Command =>
  command('rotate-secret', 'makes a new signing secret and prints it, this once')
    .argument('<id>', 'of the subscription')
    .option('--overlap <time>', 'how long the old one signs beside it: 0, 30m, 24h, 7d', '24h')
    .action(async (id: string, options: RotateOptions) => {
      const overlapSeconds = secondsOf(options.overlap);
      const { subscription, signing } = await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await rotateSecret(deps, commandLine, id, { overlapSeconds })),
      );
      if (options.json) return terminal.print(JSON.stringify({ subscription, signing }));
      printSigning(terminal, subscription, signing);
      const { previousUntil } = subscription.secret ?? {};
      terminal.say(
        previousUntil === undefined
          ? 'It alone signs from now on.'
          : `Both secrets sign until ${previousUntil}: give the new one to the receiver before.`,
      );
    });

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** @throws WrongUsage */
const secondsOf = (text: string): number => {
  const [, count, unit] = /^(\d{1,7})([smhd])$/.exec(text === '0' ? '0s' : text) ?? [];
  const seconds = Number(count) * (units[unit ?? ''] ?? Number.NaN);
  if (Number.isInteger(seconds)) return seconds;
  throw new WrongUsage(
    `--overlap must be a number and its unit, 0 to 7d, for example 24h; got "${text.slice(0, 20)}".`,
  );
};

interface ReplayOptions extends CommonOptions {
  readonly from: string;
  readonly to?: string;
}

export const replayCommand = (terminal: Terminal): Command =>
  command('replay', 'sends events once more, in batches of new ids')
    .argument('<id>', 'of the subscription')
    .requiredOption('--from <when>', 'an instant such as 2026-05-05T00:00:00Z, or the number of a segment')
    .option('--to <when>', 'until there, of the same kind; then it goes on where it was')
    .action(async (id: string, options: ReplayOptions) => {
      const range = { from: placeOf(options.from), ...(options.to !== undefined && { to: placeOf(options.to) }) };
      const view = await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await replaySubscription(deps, commandLine, id, range)),
      );
      printView(terminal, options, view);
    });

const placeOf = (text: string): string | number => (/^\d{1,15}$/.test(text) ? Number(text) : text);
