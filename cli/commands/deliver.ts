import { counted, deliverSentence } from '../../shared/adapters/console-telemetry.ts';
import { readHealth } from '../../shared/flows/status/read-health.ts';
import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import type { Sluice } from '../compose.ts';
import { deliverAll } from '../deliver-all.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import { subscriptionOf } from '../subscription-of.ts';
import { sayWhatIsMissing, withSluice } from '../with-sluice.ts';

export const deliverCommand: CommandBuilder = (terminal, done) =>
  command('deliver', 'brings subscriptions as far as the journal goes, and stops')
    .argument('[ids...]', 'only these subscriptions')
    .action(async (ids: readonly string[], options: CommonOptions) => {
      await withSluice(terminal, options, async (sluice) => {
        await sayWhatIsMissing(sluice, terminal);
        const chosen = await chosenOf(sluice, ids);
        const stopping = stopOnSignal(terminal, sluice.clock, 1);
        const quiet = { ...sluice, telemetry: { ...sluice.telemetry, deliverRun: () => {} } };
        const { lines, problems } = await deliverAll(quiet, chosen, stopping.limits);
        stopping.over();
        const wrong = [...problems, ...(await failingOf(sluice, chosen))];
        if (options.json) terminal.print(JSON.stringify({ subscriptions: lines, problems: wrong }));
        else for (const line of lines) terminal.print(deliverSentence(line));
        for (const problem of wrong) terminal.say(problem);
        if (wrong.length > 0 || stopping.asked.aborted) done(1);
      });
    });

/** @throws WrongUsage when there is no subscription of one of these ids */
const chosenOf = async (sluice: Sluice, ids: readonly string[]): Promise<readonly string[]> => {
  if (ids.length === 0) return (await sluice.roster.all()).map(({ id }) => id);
  for (const id of ids) await subscriptionOf(sluice, id);
  return ids;
};

const failingOf = async (sluice: Sluice, ids: readonly string[]): Promise<readonly string[]> =>
  (await readHealth(sluice, ids))
    .filter(({ health }) => health.status !== 'active' || health.failures > 0)
    .map(({ id, health: { status, failures, retryAtMs, lastAnswer = 'nothing' } }) =>
      status === 'active'
        ? `${id}: failed ${counted(failures, 'time')} in a row, tried again from ${retryAtMs === undefined ? 'now' : new Date(retryAtMs).toISOString()} on. Last answer: ${lastAnswer}`
        : `${id}: is ${status}; its events wait in the journal. Last answer: ${lastAnswer}`,
    );
