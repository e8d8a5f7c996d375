import { Option } from 'commander';
import { reconcileSentence } from '../../shared/adapters/console-telemetry.ts';
import type { Rung } from '../../shared/core/reconcile.ts';
import type { ReconcileLine } from '../../shared/ports/telemetry.ts';
import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import type { Sluice } from '../compose.ts';
import { reconcileOnce } from '../reconcile-once.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import type { Terminal } from '../terminal.ts';
import { withSluice } from '../with-sluice.ts';

interface Options extends CommonOptions {
  readonly rung: Rung;
}

export const reconcileCommand: CommandBuilder = (terminal, done) =>
  command('reconcile', 'compares journal and source minute by minute, and journals what became visible late')
    .addOption(
      new Option('--rung <rung>', 'how far back: 1 h, 24 h, or SLUICE_HORIZON_HOURS')
        .choices(['hour', 'day', 'horizon'])
        .default('horizon'),
    )
    .action(async (options: Options) => {
      const line = await withSluice(terminal, options, (sluice) => reconcileOnTerminal(sluice, terminal, options.rung));
      terminal.print(options.json ? JSON.stringify(line) : reconcileSentence(line));
      if (line.result === 'more' || line.result === 'unmended' || line.lateMissed > 0) done(1);
    });

const reconcileOnTerminal = async (sluice: Sluice, terminal: Terminal, rung: Rung): Promise<ReconcileLine> => {
  const stopping = stopOnSignal(terminal, sluice.clock, 1);
  // Telemetry would report the run as well; here the result is printed once, at the end.
  const quiet = { ...sluice, telemetry: { ...sluice.telemetry, reconcileRun: () => {} } };
  try {
    return await reconcileOnce(quiet, { rung, ...stopping.limits });
  } finally {
    stopping.over();
  }
};
