import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { openBlobStore } from '../../shared/adapters/open-blob-store.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import type { KeySet } from '../../shared/core/signing-key.ts';
import { breakSentence } from '../../shared/core/verify/break.ts';
import { type CheckedHead, checkWitness } from '../../shared/core/verify/head-check.ts';
import { type JournalVerdict, verifyJournal } from '../../shared/flows/verify-journal.ts';
import { type CommandBuilder, type CommonOptions, command, configOf, environmentOf } from '../command.ts';
import type { ExitCode } from '../exit-code.ts';
import { progressBar } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { keysFrom, ownKeys } from '../verify/given-keys.ts';
import { journalSentence } from '../verify/sentences.ts';
import { temporaryScratch } from '../verify/temporary-scratch.ts';
import { WrongUsage } from '../wrong-usage.ts';

interface VerifyOptions extends CommonOptions {
  readonly keys?: string;
  readonly head?: readonly string[];
  readonly retentionDays: number;
}

export const verifyCommand: CommandBuilder = (terminal, done) =>
  command('verify', 'proves that the record is as it was written, or names the first break')
    .option('--keys <file or URL>', 'key set that signatures must be of (default: that of the own root key)')
    .option('--head <files...>', 'signed heads that were kept elsewhere, as witnesses')
    .option('--retention-days <days>', 'how long segments are kept: older ones may be missing', days, 30)
    .action(async (options: VerifyOptions) => {
      const given = await givenTo(terminal, options);
      done(await verifyOwnJournal(terminal, options, given));
    });

interface Given {
  readonly keys: KeySet | undefined;
}

const givenTo = async (terminal: Terminal, options: VerifyOptions): Promise<Given> => {
  if (options.keys !== undefined) return { keys: await keysFrom(options.keys, terminal) };
  const env = environmentOf(terminal, options);
  return { keys: await ownKeys(configOf(terminal, options), { ...terminal, env }) };
};

const verifyOwnJournal = async (terminal: Terminal, options: VerifyOptions, { keys }: Given): Promise<ExitCode> => {
  const config = configOf(terminal, options);
  const store = await openBlobStore(config.journal);
  const scratch = temporaryScratch();
  const witnesses = await witnessesIn(options.head ?? [], config.source.id, keys, terminal);
  const bar = progressBar(terminal, 'Verifying segments');
  const verifying = async (): Promise<JournalVerdict> => {
    try {
      return await verifyJournal({
        store,
        source: config.source.id,
        clock: systemClock,
        scratch,
        ...(keys && { keys }),
        witnesses,
        retentionMs: options.retentionDays * 86_400_000,
        progress: bar.at,
      });
    } finally {
      bar.end();
      await scratch.close();
    }
  };
  const verdict = await verifying();
  if (verdict.segments === 0 && !verdict.break)
    throw new OperatorMustFix(
      `${store.description} holds no journal of source "${config.source.id}": there is nothing to verify. Check SLUICE_JOURNAL_URL and SLUICE_SOURCE_URL, or begin with: sluice pull`,
    );
  return say(verdict, () => journalSentence(verdict, store.description), terminal, options);
};

/** The verdict on stdout; a break ends the command with 1. */
const say = (
  verdict: Pick<JournalVerdict, 'break'>,
  intact: () => string,
  terminal: Terminal,
  { json }: CommonOptions,
): ExitCode => {
  const { break: found } = verdict;
  if (json) terminal.print(JSON.stringify({ intact: !found, ...verdict }));
  else terminal.print(found ? `Broken: ${breakSentence(found)}` : intact());
  return found ? 1 : 0;
};

const witnessesIn = async (
  files: readonly string[],
  source: string,
  keys: KeySet | undefined,
  { cwd }: Terminal,
): Promise<readonly CheckedHead[]> => {
  const witnesses: CheckedHead[] = [];
  for (const file of files) {
    const bytes = await readFile(resolve(cwd, file)).catch((cause: NodeJS.ErrnoException) => {
      throw new WrongUsage(`--head ${file} cannot be read (${cause.code}). Check the path.`, { cause });
    });
    const head = checkWitness(bytes, { name: file, source, keys });
    if (typeof head === 'string') throw new WrongUsage(`--head ${file} is no witness: ${head}.`);
    witnesses.push(head);
  }
  return witnesses;
};

const days = (text: string): number => {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write whole days, for example 30.');
};
