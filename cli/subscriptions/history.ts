import type { Command } from 'commander';
import { counted } from '../../shared/adapters/console-telemetry.ts';
import { commandLine } from '../../shared/flows/manage/caller.ts';
import {
  type DeadLetterView,
  discardDeadLetter,
  listDeadLetters,
  readDeadLetter,
  retryDeadLetter,
} from '../../shared/flows/manage/dead-letters.ts';
import { listAttempts } from '../../shared/flows/manage/list-attempts.ts';
import { type CommonOptions, command, group } from '../command.ts';
import { withManage } from '../manage-deps.ts';
import { type PageCommandOptions, pageOf, pageOptions, sayMore } from '../page-options.ts';
import { onOneLine } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { foundValue } from './found-value.ts';
import { printView } from './read.ts';

export const attemptsCommand = (terminal: Terminal): Command =>
  pageOptions(command('attempts', 'lists what was tried, the newest first; kept for 30 days'))
    .argument('<id>', 'of the subscription')
    .action(async (id: string, options: CommonOptions & PageCommandOptions) => {
      const { items, next } = await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await listAttempts(deps, commandLine, id, pageOf(options))),
      );
      if (options.json) return terminal.print(JSON.stringify({ attempts: items, ...(next !== undefined && { next }) }));
      for (const one of items)
        terminal.print(
          [
            one.at,
            one.kind,
            one.outcome,
            one.status ?? 'no answer',
            `${one.durationMs} ms`,
            `try ${one.number}`,
            counted(one.events, 'event'),
            one.batch,
            onOneLine(one.answer),
          ].join('  '),
        );
      if (items.length === 0) terminal.say('Nothing was tried within 30 days.');
      sayMore(terminal, next);
    });

export const deadLettersCommand = (terminal: Terminal): Command =>
  group('dead-letters', 'events that a receiver will never take')
    .addCommand(listLettersCommand(terminal), { isDefault: true })
    .addCommand(showLetterCommand(terminal))
    .addCommand(retryLetterCommand(terminal))
    .addCommand(discardLetterCommand(terminal));

const listLettersCommand = (terminal: Terminal): Command =>
  pageOptions(command('list', 'lists the dead letters of a subscription'))
    .argument('<id>', 'of the subscription')
    .action(async (id: string, options: CommonOptions & PageCommandOptions) => {
      const { items, next } = await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await listDeadLetters(deps, commandLine, id, pageOf(options))),
      );
      if (options.json)
        return terminal.print(JSON.stringify({ deadLetters: items, ...(next !== undefined && { next }) }));
      for (const letter of items) terminal.print(letterLine(letter));
      if (items.length === 0) terminal.say('No dead letters.');
      sayMore(terminal, next);
    });

const letterLine = ({ id, event, at, answer }: DeadLetterView): string => [id, at, event, onOneLine(answer)].join('  ');

const showLetterCommand = (terminal: Terminal): Command =>
  ofLetter(command('show', 'shows a dead letter with its event')).action(
    async (id: string, letter: string, options: CommonOptions) => {
      const opened = await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await readDeadLetter(deps, commandLine, id, letter), letter),
      );
      if (options.json) return terminal.print(JSON.stringify(opened));
      terminal.print(letterLine(opened));
      if (opened.content) terminal.print(JSON.stringify(opened.content, null, 2));
      else terminal.say('The journal does not hold the event any more.');
    },
  );

const retryLetterCommand = (terminal: Terminal): Command =>
  ofLetter(command('retry', 'sends the event once more, as a batch of its own')).action(
    async (id: string, letter: string, options: CommonOptions) => {
      const view = await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await retryDeadLetter(deps, commandLine, id, letter), letter),
      );
      printView(terminal, options, view);
    },
  );

const discardLetterCommand = (terminal: Terminal): Command =>
  ofLetter(command('discard', 'gives an event up; the audit journal says who did, and why'))
    .requiredOption('--reason <text>', 'why nobody needs it')
    .action(async (id: string, letter: string, options: CommonOptions & { readonly reason: string }) => {
      const { reason } = options;
      await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await discardDeadLetter(deps, commandLine, id, letter, { reason }), letter),
      );
      if (options.json) terminal.print(JSON.stringify({ id, letter, result: 'discarded' }));
      terminal.say(`Dead letter ${letter} is discarded; its event stays in the journal.`);
    });

const ofLetter = (of: Command): Command =>
  of.argument('<id>', 'of the subscription').argument('<letter>', 'of the dead letter, as listed');
