import { targetRules } from '../shared/adapters/target-rules.ts';
import { openAuditJournal } from '../shared/flows/manage/audit-journal.ts';
import type { ManageDeps } from '../shared/flows/manage/manage-deps.ts';
import type { TenantChangeDeps } from '../shared/flows/tenants-directory-changes.ts';
import type { CommonOptions } from './command.ts';
import type { Sluice } from './compose.ts';
import type { Terminal } from './terminal.ts';
import { withSluice } from './with-sluice.ts';

export type CommandDeps = Sluice & ManageDeps & TenantChangeDeps;

/** The dependencies of the management calls on one machine, shared by the commands and the HTTP API. */
export const manageDeps = (sluice: Sluice): CommandDeps => ({
  ...sluice,
  audit: openAuditJournal(sluice.journalStore),
  file: sluice.tenants,
  rules: { allowPrivateTargets: sluice.config.allowPrivateTargets, own: targetRules(sluice.config).own },
  tenantIds: async () => (await sluice.directory.current()).ids,
});

/** Does `work` with all that management calls need, and closes the state afterwards. */
export const withManage = <Result>(
  terminal: Terminal,
  options: CommonOptions,
  work: (deps: CommandDeps) => Promise<Result>,
): Promise<Result> => withSluice(terminal, options, (sluice) => work(manageDeps(sluice)));
