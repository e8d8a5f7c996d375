import { counted } from '../../shared/adapters/console-telemetry.ts';
import { type SignedHead, signedText } from '../../shared/core/head.ts';
import { signingKeysOf } from '../../shared/core/signing-key.ts';
import { signHead } from '../../shared/flows/sign-head.ts';
import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import { withSluice } from '../with-sluice.ts';

interface HeadOptions extends CommonOptions {
  readonly keys?: true;
}

export const headCommand: CommandBuilder = (terminal) =>
  command('head', 'signs how far the record has come, as a witness against a later cut')
    .option('--keys', 'print the public keys that heads and digests are verified with, as a JSON Web Key set')
    .addHelpText(
      'after',
      '\nA head is kept beside the journal. A copy kept elsewhere proves what was there:\n  sluice head --json > head-$(date +%F).json\n  sluice head --keys > sluice-keys.json',
    )
    .action(async (options: HeadOptions) => (options.keys ? printKeys(terminal, options) : sign(terminal, options)));

const sign = (terminal: Terminal, options: CommonOptions): Promise<void> =>
  withSluice(terminal, options, async (sluice) => {
    const { name, signed } = await signHead(sluice);
    terminal.print(options.json ? signedText(signed) : sentenceOf(signed));
    terminal.say(
      `Kept as ${sluice.journalStore.description}/${name}. A copy elsewhere is a witness that nobody here can alter: sluice head --json > head.json`,
    );
  });

const printKeys = (terminal: Terminal, options: CommonOptions): Promise<void> =>
  withSluice(terminal, options, async ({ secrets }) => {
    const { keySet } = signingKeysOf(await secrets.get('rootKey'));
    terminal.print(JSON.stringify(keySet));
    terminal.say(
      'Keep a copy before the root key is changed a second time: what these keys signed verifies only with them.',
    );
  });

const sentenceOf = ({ head, kid, signature }: SignedHead): string => {
  const { source, at, journal, subscriptions } = head;
  const far =
    journal.seq === 0
      ? 'nothing is journaled yet'
      : `segment ${journal.seq} (${journal.hash}), complete up to ${journal.watermark.slice(0, 19)}Z`;
  return [
    `source ${source} at ${at}: ${far}`,
    ...subscriptions.map(
      ({ id, sequence, chain }) => `${id}: ${counted(sequence, 'batch', 'batches')}, chain ${chain}`,
    ),
    `signed by key ${kid}: ${signature}`,
  ].join('\n');
};
