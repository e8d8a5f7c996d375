import { type CommonOptions, configOf, environmentOf } from './command.ts';
import { compose, type Sluice } from './compose.ts';
import type { Terminal } from './terminal.ts';

/** Does `work` with everything the settings name, and closes the state afterwards, whatever happens. */
export const withSluice = async <Result>(
  terminal: Terminal,
  options: CommonOptions,
  work: (sluice: Sluice) => Promise<Result>,
): Promise<Result> => {
  const sluice = await compose(configOf(terminal, options), { ...terminal, env: environmentOf(terminal, options) });
  try {
    return await work(sluice);
  } finally {
    sluice.records.close();
  }
};

/** Tells the operator if no subscription, or only an operator's, will receive anything. */
export const sayWhatIsMissing = async (
  { directory, roster }: Pick<Sluice, 'directory'> & Partial<Pick<Sluice, 'roster'>>,
  terminal: Pick<Terminal, 'say'>,
): Promise<void> => {
  if ((await directory.current()).ids === undefined)
    terminal.say(
      'No tenant is known: set SLUICE_TENANT or SLUICE_TENANTS_FILE, or write one with npx sluice tenants put. Until then every event is unattributed, and only an operator\'s subscription ("tenant": "*") receives it.',
    );
  if (roster?.fromFile.length === 0 && (await roster.all()).length === 0)
    terminal.say(
      'No subscriptions: events are journaled and can be queried. Make one with npx sluice subscriptions create, or name a file in SLUICE_SUBSCRIPTIONS_FILE.',
    );
};
