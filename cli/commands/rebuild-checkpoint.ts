import { counted } from '../../shared/adapters/console-telemetry.ts';
import { type Rebuilt, type RepairedSubscription, rebuildCheckpoint } from '../../shared/flows/rebuild-checkpoint.ts';
import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import { progressBar } from '../progress.ts';
import { withSluice } from '../with-sluice.ts';

export const rebuildCheckpointCommand: CommandBuilder = (terminal) =>
  command('rebuild-checkpoint', 'makes lost or damaged state anew from the journal and its signed heads').action(
    async (options: CommonOptions) => {
      const bar = progressBar(terminal, 'Reading the journal');
      const progress = ({ segments, of }: { readonly segments: number; readonly of: number }) => bar.at(segments, of);
      const rebuilt = await withSluice(terminal, options, (sluice) =>
        rebuildCheckpoint({ ...sluice, progress }),
      ).finally(bar.end);
      const { checkpoint } = rebuilt;
      terminal.print(
        options.json
          ? JSON.stringify(rebuilt)
          : `The checkpoint stands at ${checkpoint.watermark.slice(0, 19)}Z, after ${counted(checkpoint.head, 'segment')}. The next pull goes on from there.`,
      );
      for (const line of explanations(rebuilt)) terminal.say(line);
    },
  );

const explanations = ({ checkpoint, subscriptions, signedAt = '', missingSegments }: Rebuilt): readonly string[] => {
  const lines: string[] = [];
  const say = (became: RepairedSubscription['became'], sentence: string): void => {
    const ids = subscriptions.filter((one) => one.became === became).map(({ id }) => id);
    if (ids.length > 0) lines.push(`${sentence} ${ids.join(', ')}.`);
  };
  if (missingSegments > 0)
    lines.push(
      `The head signed at ${signedAt} knows ${counted(missingSegments, 'segment')} more than the journal holds: the next pull reads their events again from the source. Move the heads from number ${checkpoint.head + 1} on away from the journal's heads/: until then no new one is signed, and \`sluice verify\` names the contradiction.`,
    );
  say(
    'signed',
    `These subscriptions go on where the head signed at ${signedAt} saw them, and repeat what was delivered since:`,
  );
  say(
    'shortened',
    'These subscriptions stood behind the end of the journal; they go on at its end and repeat what is journaled there anew:',
  );
  say(
    'restarted',
    `The state of these subscriptions was lost too: they begin anew at the journal's beginning and repeat what they had:`,
  );
  if (subscriptions.length > 0)
    lines.push(
      'API keys lie in the same state: what was made or revoked since may be lost too. Look with: sluice keys list',
    );
  return lines;
};
