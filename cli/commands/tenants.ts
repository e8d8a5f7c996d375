import type { Command } from 'commander';
import { lists } from '../../shared/core/tenants.ts';
import { commandLine } from '../../shared/flows/manage/caller.ts';
import {
  deleteTenant,
  listTenants,
  putTenant,
  readTenant,
  type TenantView,
} from '../../shared/flows/tenants-directory-changes.ts';
import { answerValue } from '../answer-value.ts';
import { type CommandBuilder, type CommonOptions, command, group, repeatable } from '../command.ts';
import { expectedBy, ifVersionOption, type VersionOptions } from '../if-version.ts';
import { withManage } from '../manage-deps.ts';
import { writtenFrom } from '../subscriptions/written.ts';
import type { Terminal } from '../terminal.ts';

/** The calls of `/v1/tenants`. */
export const tenantsCommand: CommandBuilder = (terminal) =>
  group('tenants', 'whose events are whose: the directory of tenants')
    .addCommand(listCommand(terminal), { isDefault: true })
    .addCommand(showCommand(terminal))
    .addCommand(putCommand(terminal))
    .addCommand(deleteCommand(terminal));

const listCommand = (terminal: Terminal): Command =>
  command('list', "lists the tenants, those of the settings' file too").action(async (options: CommonOptions) => {
    const tenants = await withManage(terminal, options, async (deps) =>
      answerValue(await listTenants(deps, commandLine), 'directory'),
    );
    if (options.json) return terminal.print(JSON.stringify({ tenants }));
    for (const tenant of tenants) terminal.print(tenantLine(tenant));
    if (tenants.length === 0)
      terminal.say(
        'No tenants. Write one with: npx sluice tenants put <id> --user <uuid>, or set SLUICE_TENANTS_FILE.',
      );
  });

const tenantLine = (tenant: TenantView): string =>
  [
    tenant.id,
    tenant.managed === 'file' ? 'kept in the file' : `version ${tenant.version}`,
    ...lists.flatMap((list) => (tenant[list].length === 0 ? [] : [`${tenant[list].length} ${list}`])),
  ].join('  ');

const showCommand = (terminal: Terminal): Command =>
  command('show', "shows all that is a tenant's")
    .argument('<id>', 'of the tenant')
    .action(async (id: string, options: CommonOptions) => {
      const tenant = await withManage(terminal, options, async (deps) =>
        answerValue(await readTenant(deps, commandLine, id), nameOf(id)),
      );
      printTenant(terminal, options, tenant);
    });

const printTenant = (terminal: Terminal, { json }: CommonOptions, tenant: TenantView): void => {
  terminal.print(json ? JSON.stringify(tenant) : tenantLine(tenant));
  if (json) return;
  for (const list of lists) for (const value of tenant[list]) terminal.print(`  ${list}  ${value}`);
};

interface PutOptions extends CommonOptions, VersionOptions {
  readonly organization?: readonly string[];
  readonly user?: readonly string[];
  readonly email?: readonly string[];
  readonly emailDomain?: readonly string[];
  readonly index?: readonly string[];
}

const putCommand = (terminal: Terminal): Command =>
  ifVersionOption(command('put', 'writes a tenant whole: what is left out is gone'))
    .argument('<id>', 'of the tenant')
    .argument('[file]', 'JSON, as the body of PUT /v1/tenants/{id}; - for what is piped in')
    .addOption(repeatable('--organization <id>', 'organisation of the tenant'))
    .addOption(repeatable('--user <id>', 'user'))
    .addOption(repeatable('--email <address>', 'e-mail address'))
    .addOption(repeatable('--email-domain <domain>', 'everybody with an address there'))
    .addOption(repeatable('--index <pattern>', 'index or data stream; * stands for any text'))
    .action(async (id: string, file: string | undefined, options: PutOptions) => {
      const body = await writtenFrom(terminal, file, writtenBy(options));
      const { outcome, tenant, note } = await withManage(terminal, options, async (deps) =>
        answerValue(await putTenant(deps, commandLine, id, { body, ...expectedBy(options) }), nameOf(id)),
      );
      if (options.json) terminal.print(JSON.stringify({ outcome, tenant, note }));
      else printTenant(terminal, options, tenant);
      terminal.say(`Tenant ${id} is ${outcome}. ${note}`);
    });

const writtenBy = ({
  organization,
  user,
  email,
  emailDomain,
  index,
}: PutOptions): Readonly<Record<string, unknown>> => ({
  ...(organization && { organizations: organization }),
  ...(user && { users: user }),
  ...(email && { emails: email }),
  ...(emailDomain && { emailDomains: emailDomain }),
  ...(index && { indices: index }),
});

const deleteCommand = (terminal: Terminal): Command =>
  ifVersionOption(command('delete', 'its events are of no known tenant from now on; what is journaled stays its own'))
    .argument('<id>', 'of the tenant')
    .action(async (id: string, options: CommonOptions & VersionOptions) => {
      await withManage(terminal, options, async (deps) =>
        answerValue(await deleteTenant(deps, commandLine, id, expectedBy(options)), nameOf(id)),
      );
      if (options.json) terminal.print(JSON.stringify({ id, result: 'deleted' }));
      terminal.say(`Tenant ${id} is deleted. Its keys still open, and show what is attributed to it: nothing.`);
    });

const nameOf = (id: string): string => `tenant "${id.slice(0, 64)}"`;
