import { pullSentence } from '../../shared/adapters/console-telemetry.ts';
import type { PullLine } from '../../shared/ports/telemetry.ts';
import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import type { Sluice } from '../compose.ts';
import { progressBar } from '../progress.ts';
import { pullOnce, type ReadSoFar } from '../pull-once.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import type { Terminal } from '../terminal.ts';
import { sayWhatIsMissing, withSluice } from '../with-sluice.ts';

export const pullCommand: CommandBuilder = (terminal, done) =>
  command('pull', 'copies what is new at the source into the journal, and stops').action(
    async (options: CommonOptions) => {
      const line = await withSluice(terminal, options, (sluice) => pullToTheEnd(sluice, terminal));
      terminal.print(options.json ? JSON.stringify(line) : pullSentence(line));
      if (line.unreadable > 0)
        terminal.say(
          `${line.unreadable} of what was read is no event: each is journaled as event.kind pipeline_error with its _id. Look at the source.`,
        );
      if (line.result === 'more' || line.unreadable > 0) done(1);
    },
  );

/** Pulls again as long as a run stops early but brings something; Ctrl-C stops it at the next safe place. */
const pullToTheEnd = async (sluice: Sluice, terminal: Terminal): Promise<PullLine> => {
  await sayWhatIsMissing({ directory: sluice.directory }, terminal);
  const stopping = stopOnSignal(terminal, sluice.clock, 1);
  const bar = progressBar(terminal, 'Reading');
  // Telemetry would report each run as well; here the result is printed once, at the end.
  const quiet = { ...sluice, telemetry: { ...sluice.telemetry, pullRun: () => {} } };
  const options = { ...stopping.limits, progress: (so: ReadSoFar) => bar.at(so.read, so.count) };
  try {
    for (;;) {
      const line = await pullOnce(quiet, options);
      if (line.result !== 'more' || line.kept === 0 || stopping.asked.aborted) return line;
    }
  } finally {
    bar.end();
    stopping.over();
  }
};
