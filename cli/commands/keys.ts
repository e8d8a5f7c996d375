import type { Command } from 'commander';
import { scopes } from '../../shared/core/api-key.ts';
import { commandLine } from '../../shared/flows/manage/caller.ts';
import { createKey, type KeyView, listKeys, revokeKey } from '../../shared/flows/manage/keys.ts';
import { answerValue } from '../answer-value.ts';
import { type CommandBuilder, type CommonOptions, command, group, repeatable } from '../command.ts';
import { checkTenant } from '../known-tenant.ts';
import { type CommandDeps, withManage } from '../manage-deps.ts';
import { onOneLine } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { WrongUsage } from '../wrong-usage.ts';

export const keysCommand: CommandBuilder = (terminal) =>
  group('keys', 'makes, lists and revokes the keys of the HTTP API')
    .addCommand(createCommand(terminal))
    .addCommand(listCommand(terminal))
    .addCommand(revokeCommand(terminal));

interface CreateOptions extends CommonOptions {
  readonly tenant: string;
  readonly scope?: readonly string[];
  readonly name?: string;
  readonly expires?: string;
}

const createCommand = (terminal: Terminal): Command =>
  command('create', 'makes a key and prints it, this once')
    .requiredOption('--tenant <id>', 'whose events and subscriptions; * for an operator')
    .addOption(repeatable('--scope <scope>', `what it may do: ${scopes.join(', ')}; without it, events:read`))
    .option('--name <text>', 'what it is for')
    .option('--expires <when>', 'until when it opens: an instant, or days such as 90d; without it, until it is revoked')
    .action(async (options: CreateOptions) => {
      const { tenant, name, scope = ['events:read'] } = options;
      const { key, text } = await withManage(terminal, options, async (deps) => {
        await checkTenant(deps.directory, tenant, '* for an operator');
        const expiresAt = options.expires === undefined ? undefined : instantOf(options.expires, deps.clock.nowMs());
        const wish = { tenant, scopes: scope, ...(name !== undefined && { name }), ...(expiresAt && { expiresAt }) };
        return answerValue(await createKey(deps, commandLine, wish), `tenant "${tenant}"`);
      });
      terminal.print(options.json ? JSON.stringify({ ...key, key: text }) : text);
      const until = key.expiresAt === undefined ? '' : `, until ${key.expiresAt}`;
      terminal.say(
        `Key ${key.id} for tenant ${tenant} (${key.scopes.join(', ')})${until}. It is not stored and cannot be shown again.`,
      );
    });

/** `90d`, or what the parser of keys takes for an instant or names as a mistake. */
const instantOf = (text: string, nowMs: number): string => {
  const days = /^(\d{1,4})d$/.exec(text)?.[1];
  return days === undefined ? text : new Date(nowMs + Number(days) * 86_400_000).toISOString();
};

const listCommand = (terminal: Terminal): Command =>
  command('list', 'lists the keys, expired and revoked ones too').action(async (options: CommonOptions) => {
    const keys = await withManage(terminal, options, everyKey);
    if (options.json) return terminal.print(JSON.stringify({ keys }));
    for (const key of keys) terminal.print(keyLine(key));
    if (keys.length === 0) terminal.say('No keys. Make one with: sluice keys create --tenant <id>');
  });

const everyKey = async (deps: CommandDeps): Promise<readonly KeyView[]> => {
  const all: KeyView[] = [];
  for (let after: string | undefined; ; ) {
    const { items, next } = await listKeys(deps, commandLine, { limit: 100, ...(after !== undefined && { after }) });
    all.push(...items);
    if (next === undefined) return all;
    after = next;
  }
};

const keyLine = ({
  id,
  tenant,
  scopes: may,
  name,
  state,
  createdAt,
  lastUsedAt,
  expiresAt,
  revokedAt,
}: KeyView): string =>
  [
    id,
    state,
    `tenant ${tenant}`,
    may.join(','),
    name === undefined ? undefined : onOneLine(name),
    `made ${createdAt}`,
    lastUsedAt === undefined ? 'never used' : `last used ${lastUsedAt}`,
    expiresAt === undefined ? undefined : `expires ${expiresAt}`,
    revokedAt === undefined ? undefined : `revoked ${revokedAt}`,
  ]
    .filter((part) => part !== undefined)
    .join('  ');

const revokeCommand = (terminal: Terminal): Command =>
  command('revoke', 'ends a key for good')
    .argument('<id>', 'of the key, as listed')
    .action(async (id: string, options: CommonOptions) => {
      const shown = id.slice(0, 16);
      const answer = await withManage(terminal, options, (deps) => revokeKey(deps, commandLine, id));
      if (answer.kind === 'not found') throw new WrongUsage(`There is no key "${shown}". sluice keys list shows them.`);
      const key = answerValue(answer, `key "${shown}"`);
      if (options.json) terminal.print(JSON.stringify(key));
      terminal.say(`Key ${key.id} is revoked; running processes notice within a minute.`);
    });
