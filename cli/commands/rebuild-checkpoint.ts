import { counted } from '../../shared/adapters/console-telemetry.ts';
import { rebuildCheckpoint } from '../../shared/flows/rebuild-checkpoint.ts';
import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import { withSluice } from '../with-sluice.ts';

export const rebuildCheckpointCommand: CommandBuilder = (terminal) =>
  command('rebuild-checkpoint', 'makes a lost checkpoint anew from the journal').action(
    async (options: CommonOptions) => {
      const { checkpoint, restarted } = await withSluice(terminal, options, (sluice) =>
        rebuildCheckpoint(sluice, sluice.subscriptions),
      );
      if (options.json) return terminal.print(JSON.stringify({ checkpoint, restarted }));
      terminal.print(
        `The checkpoint stands at ${checkpoint.watermark.slice(0, 19)}Z, after ${counted(checkpoint.head, 'segment')}. The next pull goes on from there.`,
      );
      if (restarted.length > 0)
        terminal.say(
          `The state of these subscriptions was lost too: they begin anew at the journal's beginning and repeat what they had: ${restarted.join(', ')}.`,
        );
    },
  );
