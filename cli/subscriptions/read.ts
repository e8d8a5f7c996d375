import type { Command } from 'commander';
import { commandLine } from '../../shared/flows/manage/caller.ts';
import { listSubscriptions, readSubscription } from '../../shared/flows/manage/read-subscriptions.ts';
import type { SubscriptionView } from '../../shared/flows/manage/subscription-view.ts';
import { type CommonOptions, command } from '../command.ts';
import { type CommandDeps, withManage } from '../manage-deps.ts';
import type { Terminal } from '../terminal.ts';
import { foundValue } from './found-value.ts';
import { viewLine, viewLines } from './view-lines.ts';

interface ListOptions extends CommonOptions {
  readonly tenant?: string;
}

export const listCommand = (terminal: Terminal): Command =>
  command('list', 'lists the subscriptions, without paths of URLs')
    .option('--tenant <id>', 'only those of this tenant')
    .action(async (options: ListOptions) => {
      const subscriptions = await withManage(terminal, options, (deps) => everyView(deps, options.tenant));
      if (options.json) return terminal.print(JSON.stringify({ subscriptions }));
      for (const view of subscriptions) terminal.print(viewLine(view));
      if (subscriptions.length === 0)
        terminal.say('No subscriptions. Make one with: npx sluice subscriptions create --help');
    });

const everyView = async (deps: CommandDeps, tenant: string | undefined): Promise<readonly SubscriptionView[]> => {
  const all: SubscriptionView[] = [];
  for (let after: string | undefined; ; ) {
    const { items, next } = await listSubscriptions(deps, commandLine, {
      limit: 100,
      ...(after !== undefined && { after }),
      ...(tenant !== undefined && { tenant }),
    });
    all.push(...items);
    if (next === undefined) return all;
    after = next;
  }
};

export const showCommand = (terminal: Terminal): Command =>
  command('show', 'shows all about a subscription, its state in words')
    .argument('<id>', 'of the subscription')
    .action(async (id: string, options: CommonOptions) => {
      const view = await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await readSubscription(deps, commandLine, id)),
      );
      printView(terminal, options, view);
    });

export const printView = (terminal: Terminal, { json }: CommonOptions, view: SubscriptionView): void => {
  if (json) terminal.print(JSON.stringify(view));
  else for (const line of viewLines(view)) terminal.print(line);
};
