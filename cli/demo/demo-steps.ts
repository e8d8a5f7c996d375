import { counted, deliverSentence, pullSentence } from '../../shared/adapters/console-telemetry.ts';
import { answerQuery } from '../../shared/flows/answer-query.ts';
import { sealFrom } from '../../shared/http/seal-from.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import type { Sluice } from '../compose.ts';
import { deliverAll } from '../deliver-all.ts';
import { eventSentence } from '../event-sentence.ts';
import { progressBar } from '../progress.ts';
import { pullOnce } from '../pull-once.ts';
import type { Terminal } from '../terminal.ts';
import type { Organization } from './ground-truth.ts';

/** Drops the lines of success: the steps below print that themselves. */
export const onlyTrouble = (telemetry: Telemetry): Telemetry => ({
  ...telemetry,
  pullRun: () => {},
  deliverRun: () => {},
  attempt: (line) => {
    if (line.outcome !== 'delivered') telemetry.attempt(line);
  },
});

/** @returns how many events were read for the first time */
export const pullEverything = async (sluice: Sluice, terminal: Terminal): Promise<number> => {
  const bar = progressBar(terminal, 'Reading');
  const line = await pullOnce(sluice, { progress: ({ read, count }) => bar.at(read, count) });
  bar.end();
  terminal.say(`\n3. Pull: ${pullSentence(line)}`);
  if (line.kept === 0) terminal.say('   Nothing is new: the journal holds every event already.');
  return line.kept;
};

export const deliverEverything = async (sluice: Sluice, terminal: Terminal): Promise<void> => {
  const { lines, problems } = await deliverAll(
    sluice,
    sluice.roster.fromFile.map(({ id }) => id),
  );
  const delivered = lines.reduce((sum, line) => sum + line.delivered, 0);
  const caughtUp = problems.length === 0 && lines.every(({ result }) => result === 'caught up');
  terminal.say(
    delivered === 0 && caughtUp
      ? '\n4. Delivery: nothing was sent, every subscription has what it should have.'
      : `\n4. Delivery: ${counted(delivered, 'event')} to ${counted(lines.length, 'subscription')}.`,
  );
  for (const line of lines.filter((each) => each.delivered > 0 || each.result !== 'caught up'))
    terminal.say(`   ${deliverSentence(line)}`);
  for (const problem of problems) terminal.say(`   ${problem}`);
};

/** One question of one tenant, answered from the source. */
export const askSomething = async (
  sluice: Sluice,
  terminal: Terminal,
  asker: Organization | undefined,
): Promise<void> => {
  if (!asker) return;
  const request = { tenant: asker.tenant, filter: { outcome: ['failure'] }, sort: 'desc', limit: 3 } as const;
  const { events } = await answerQuery(
    { ...sluice, read: await sluice.reader(), seal: await sealFrom(sluice.secrets)() },
    request,
  );
  terminal.say(`\n5. Query: the newest requests of ${asker.name} that failed.`);
  for (const event of events) terminal.say(`   ${eventSentence(event)}`);
};
