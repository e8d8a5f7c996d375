import { InvalidArgumentError } from 'commander';
import { openBlobStore } from '../../shared/adapters/open-blob-store.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import type { KeySet } from '../../shared/core/signing-key.ts';
import { type Break, breakSentence } from '../../shared/core/verify/break.ts';
import { verifyDelivered } from '../../shared/flows/verify-delivered.ts';
import { verifyJournal } from '../../shared/flows/verify-journal.ts';
import type { BlobStore } from '../../shared/ports/blob-store.ts';
import { type CommandBuilder, type CommonOptions, command, configOf, environmentOf, repeatable } from '../command.ts';
import { type Progress, progressBar } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { deliveredPlace } from '../verify/delivered-place.ts';
import { headsFrom } from '../verify/given-heads.ts';
import { keysFrom, ownKeys } from '../verify/given-keys.ts';
import { deliveredSentence, journalSentence } from '../verify/sentences.ts';
import { type TemporaryScratch, temporaryScratch } from '../verify/temporary-scratch.ts';

interface VerifyOptions extends CommonOptions {
  readonly folder?: string;
  readonly bucket?: string;
  readonly region?: string;
  readonly keys?: string;
  readonly head?: readonly string[];
  readonly retentionDays?: number;
}

const journalDays = 30;
const dayMs = 86_400_000;

export const verifyCommand: CommandBuilder = (terminal, done) =>
  command('verify', 'proves that the record is as it was written, or names the first break')
    .option('--folder <path>', 'what a destination received in this folder, not the own journal')
    .option('--bucket <s3://bucket/prefix>', 'what a destination received in this bucket, not the own journal')
    .option('--region <name>', 'of the bucket')
    .option('--keys <file or URL>', 'key set that signatures must be of (default: that of the own root key)')
    .addOption(repeatable('--head <file>', 'signed head that was kept elsewhere, as a witness'))
    .option(
      '--retention-days <days>',
      `objects older than this may be missing (default: ${journalDays} in the journal, none elsewhere)`,
      days,
    )
    .action(async (options: VerifyOptions) => {
      const { found, line, verdict } = await verify(terminal, options);
      if (options.json) terminal.print(JSON.stringify({ intact: !found, ...verdict }));
      else terminal.print(found ? `Broken: ${breakSentence(found)}` : line);
      if (found) done(1);
    });

interface Verified {
  readonly found: Break | undefined;
  /** Printed if nothing is broken. */
  readonly line: string;
  /** As JSON. */
  readonly verdict: object;
}

const verify = async (terminal: Terminal, options: VerifyOptions): Promise<Verified> => {
  const place = deliveredPlace(terminal, options);
  const keys = await givenKeys(terminal, options);
  const scratch = temporaryScratch();
  const bar = progressBar(terminal, 'Verifying');
  try {
    const given: Given = { terminal, options, keys, scratch, bar };
    return place ? await verifyElsewhere(await place.open(), given) : await verifyOwnJournal(given);
  } finally {
    bar.end();
    await scratch.close();
  }
};

interface Given {
  readonly terminal: Terminal;
  readonly options: VerifyOptions;
  readonly keys: KeySet | undefined;
  readonly scratch: TemporaryScratch;
  readonly bar: Progress;
}

const verifyOwnJournal = async ({ terminal, options, keys, scratch, bar }: Given): Promise<Verified> => {
  const config = configOf(terminal, options);
  const store = await openBlobStore(config.journal);
  const source = config.source.id;
  const verdict = await verifyJournal({
    store,
    source,
    clock: systemClock,
    scratch,
    ...(keys && { keys }),
    witnesses: await headsFrom(options.head ?? [], { source, keys }, terminal),
    retentionMs: (options.retentionDays ?? journalDays) * dayMs,
    progress: bar.at,
  });
  if (verdict.segments === 0 && !verdict.break)
    throw new OperatorMustFix(
      `${store.description} holds no journal of source "${source}": there is nothing to verify. Check SLUICE_JOURNAL_URL and SLUICE_SOURCE_URL, or begin with: sluice pull`,
    );
  return { found: verdict.break, line: journalSentence(verdict, store.description), verdict };
};

const verifyElsewhere = async (store: BlobStore, given: Given): Promise<Verified> => {
  const { terminal, options, keys, scratch, bar } = given;
  const verdict = await verifyDelivered({
    store,
    clock: systemClock,
    scratch,
    ...(keys && { keys }),
    witnesses: await headsFrom(options.head ?? [], { keys }, terminal),
    ...(options.retentionDays !== undefined && { retentionMs: options.retentionDays * dayMs }),
    progress: bar.at,
  });
  if (verdict.digests + verdict.notYetAttested === 0 && !verdict.break)
    throw new OperatorMustFix(
      `${store.description} holds nothing that a destination of Sluice received: there is nothing to verify. Give the folder or prefix that holds "tenant=…" and "digests".`,
    );
  return { found: verdict.break, line: deliveredSentence(verdict, store.description), verdict };
};

/** With `--keys` no settings are needed: somebody else than the sender verifies with the sender's public keys. */
const givenKeys = async (terminal: Terminal, options: VerifyOptions): Promise<KeySet | undefined> => {
  if (options.keys !== undefined) return keysFrom(options.keys, terminal);
  const env = environmentOf(terminal, options);
  return ownKeys(configOf(terminal, options), { ...terminal, env });
};

const days = (text: string): number => {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write whole days, for example 30.');
};
