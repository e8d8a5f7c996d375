import { targetRules } from '../../shared/adapters/target-rules.ts';
import { openAuditJournal } from '../../shared/flows/manage/audit-journal.ts';
import { longestPollMs } from '../../shared/flows/poll-subscription.ts';
import type { HttpDeps } from '../../shared/http/http-app.ts';
import type { Sluice } from '../compose.ts';

/** What the HTTP API of one machine works with. */
export const httpDeps = (sluice: Sluice): HttpDeps => ({
  ...sluice,
  audit: openAuditJournal(sluice.journalStore),
  file: sluice.tenants,
  tenantIds: async () => (await sluice.directory.current()).ids,
  rules: { allowPrivateTargets: sluice.config.allowPrivateTargets, own: targetRules(sluice.config).own },
  mostPollWaitMs: longestPollMs,
});
