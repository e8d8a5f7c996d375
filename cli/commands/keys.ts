import { scopes } from '../../shared/core/api-key.ts';
import { createApiKey, listApiKeys, revokeApiKey } from '../../shared/flows/api-keys.ts';
import { type CommandBuilder, type CommonOptions, command, group } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import { withSluice } from '../with-sluice.ts';
import { WrongUsage } from '../wrong-usage.ts';

export const keysCommand: CommandBuilder = (terminal) =>
  group('keys', 'makes, lists and revokes the keys of the HTTP API')
    .addCommand(createCommand(terminal))
    .addCommand(listCommand(terminal))
    .addCommand(revokeCommand(terminal));

interface CreateOptions extends CommonOptions {
  readonly tenant: string;
  readonly scope: readonly string[];
  readonly name?: string;
}

const createCommand = (terminal: Terminal) =>
  command('create', 'makes a key and prints it, this once')
    .requiredOption('--tenant <id>', 'whose events it may read; * for an operator')
    .option('--scope <scopes...>', `what it may do: ${scopes.join(', ')}`, ['events:read'])
    .option('--name <text>', 'what it is for')
    .action(async (options: CreateOptions) => {
      const { tenant, name } = options;
      const wish = { tenant, scopes: options.scope, ...(name !== undefined && { name }) };
      const { key, text } = await withSluice(terminal, options, async (sluice) => {
        const { ids } = sluice.tenants;
        if (tenant !== '*' && ids && !ids.includes(tenant))
          throw new WrongUsage(`There is no tenant "${tenant}". Write one of ${ids.join(', ')}, or * for an operator.`);
        return createApiKey(sluice, wish);
      });
      terminal.print(options.json ? JSON.stringify({ id: key.id, tenant, scopes: key.scopes, key: text }) : text);
      terminal.say(
        `Key ${key.id} for tenant ${tenant} (${key.scopes.join(', ')}). It is not stored and cannot be shown again.`,
      );
    });

const listCommand = (terminal: Terminal) =>
  command('list', 'lists the keys, revoked ones too').action(async (options: CommonOptions) => {
    const keys = await withSluice(terminal, options, listApiKeys);
    const shown = keys.map(({ secretHash: _, ...key }) => key);
    if (options.json) return terminal.print(JSON.stringify({ keys: shown }));
    for (const { id, tenant, scopes: may, name, createdAt, revokedAt } of shown)
      terminal.print(
        [id, `tenant ${tenant}`, may.join(','), name, `made ${createdAt}`, revokedAt && `revoked ${revokedAt}`]
          .filter((part) => part !== undefined)
          .join('  '),
      );
    if (shown.length === 0) terminal.say('No keys. Make one with: sluice keys create --tenant <id>');
  });

const revokeCommand = (terminal: Terminal) =>
  command('revoke', 'ends a key for good')
    .argument('<id>', 'of the key, as listed')
    .action(async (id: string, options: CommonOptions) => {
      const result = await withSluice(terminal, options, (sluice) => revokeApiKey(sluice, id));
      if (result === 'unknown')
        throw new WrongUsage(`There is no key "${id.slice(0, 16)}". sluice keys list shows them.`);
      if (options.json) terminal.print(JSON.stringify({ id, result }));
      terminal.say(
        result === 'revoked'
          ? `Key ${id} is revoked; running processes notice within a minute.`
          : `Key ${id} was revoked before.`,
      );
    });
