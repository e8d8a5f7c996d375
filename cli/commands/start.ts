import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import { runUntilStopped } from '../start/run-until-stopped.ts';
import { sayWhatIsMissing, withSluice } from '../with-sluice.ts';

export const startCommand: CommandBuilder = (terminal) =>
  command('start', 'pulls, delivers and answers HTTP on this machine, until Ctrl-C').action(
    async (options: CommonOptions) => {
      await withSluice(terminal, options, async (sluice) => {
        await sayWhatIsMissing(sluice, terminal);
        await runUntilStopped(sluice, terminal, {
          listening: (url) => terminal.print(options.json ? JSON.stringify({ url }) : `Answering HTTP on ${url}`),
        });
      });
      terminal.say('Stopped. Nothing is under way; the next start goes on from here.');
    },
  );
