import { commandLine } from '../../shared/flows/manage/caller.ts';
import { readAudit } from '../../shared/flows/manage/read-audit.ts';
import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import { withManage } from '../manage-deps.ts';
import { type PageCommandOptions, pageOf, pageOptions, sayMore } from '../page-options.ts';
import { onOneLine } from '../printable.ts';

/** The answers of `/v1/audit`. */
export const auditCommand: CommandBuilder = (terminal) =>
  pageOptions(command('audit', 'lists who changed what, the oldest first'))
    .option('--from <instant>', 'not what happened before, for example 2026-05-05T00:00:00Z')
    .action(async (options: CommonOptions & PageCommandOptions & { readonly from?: string }) => {
      const asked = { ...pageOf(options), ...(options.from !== undefined && { from: options.from }) };
      const { items, next } = await withManage(terminal, options, (deps) => readAudit(deps, commandLine, asked));
      if (options.json) return terminal.print(JSON.stringify({ events: items, ...(next !== undefined && { next }) }));
      for (const event of items) {
        const { changed, reason } = event.sluice;
        const what = changed === undefined || changed.length === 0 ? '' : ` (${changed.join(', ')})`;
        terminal.print(
          onOneLine(`${event['@timestamp']}  ${event.message}${what}${reason === undefined ? '' : `: ${reason}`}`),
        );
      }
      if (items.length === 0 && next === undefined) terminal.say('Nothing was changed.');
      sayMore(terminal, next);
    });
