import type { Command } from 'commander';
import type { PageOptions } from '../shared/flows/manage/read-subscriptions.ts';
import type { Terminal } from './terminal.ts';
import { WrongUsage } from './wrong-usage.ts';

export interface PageCommandOptions {
  readonly limit: string;
  readonly after?: string;
}

export const pageOptions = (of: Command): Command =>
  of
    .option('--limit <count>', 'how many to print, 1 to 100', '20')
    .option('--after <mark>', 'go on where the page before ended');

/** @throws WrongUsage when the limit is no number from 1 to 100 */
export const pageOf = ({ limit, after }: PageCommandOptions): PageOptions => {
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > 100)
    throw new WrongUsage(`--limit must be a whole number from 1 to 100; got "${limit.slice(0, 20)}".`);
  return { limit: count, ...(after !== undefined && { after }) };
};

export const sayMore = (terminal: Pick<Terminal, 'say'>, next: string | undefined): void => {
  if (next !== undefined) terminal.say(`There is more: --after ${next}`);
};
