import { Command, CommanderError } from 'commander';
import project from '../package.json' with { type: 'json' };
import { alertsCommand } from './commands/alerts.ts';
import { auditCommand } from './commands/audit.ts';
import { backfillCommand } from './commands/backfill.ts';
import { deliverCommand } from './commands/deliver.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { headCommand } from './commands/head.ts';
import { keysCommand } from './commands/keys.ts';
import { pullCommand } from './commands/pull.ts';
import { queryCommand } from './commands/query.ts';
import { reattributeCommand } from './commands/reattribute.ts';
import { rebuildCheckpointCommand } from './commands/rebuild-checkpoint.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { subscriptionsCommand } from './commands/subscriptions.ts';
import { tenantsCommand } from './commands/tenants.ts';
import { verifyCommand } from './commands/verify.ts';
import { type ExitCode, sayError } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

const commands = [
  demoCommand,
  startCommand,
  pullCommand,
  deliverCommand,
  reconcileCommand,
  backfillCommand,
  queryCommand,
  subscriptionsCommand,
  keysCommand,
  tenantsCommand,
  auditCommand,
  alertsCommand,
  statusCommand,
  doctorCommand,
  headCommand,
  reattributeCommand,
  rebuildCheckpointCommand,
  verifyCommand,
];

/**
 * Runs one command to its end. Never throws: whatever happens is said on `terminal` and becomes the exit code.
 * @param words the command line without program names, for example `['pull', '--json']`
 */
export const runCommand = async (words: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  let exitCode: ExitCode = 0;
  const done = (code: ExitCode) => {
    exitCode = code;
  };
  const program = withOutput(new Command('sluice'), terminal)
    .description('Brings every security event from Elasticsearch to the people who must see it.')
    .version(project.version)
    .addHelpText('after', '\nSettings are environment variables, see README.md. Begin with: sluice demo')
    .showHelpAfterError('(sluice --help lists the commands)');
  for (const command of commands) program.addCommand(adopted(command(terminal, done), terminal));
  try {
    await program.parseAsync(words, { from: 'user' }).catch(unlessExplained);
    await terminal.written?.();
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return 2;
    return sayError(error, terminal);
  }
};

/** `--help` and `--version` end a command like any other. */
const unlessExplained = (error: unknown): void => {
  if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
};

/** Help that was asked for goes to stdout; usage errors go to stderr. Commander is kept from ending the process. */
const withOutput = (command: Command, terminal: Terminal): Command =>
  command.exitOverride().configureOutput({
    writeOut: (text) => terminal.print(text.trimEnd()),
    writeErr: (text) => terminal.say(text.trimEnd()),
  });

const adopted = (command: Command, terminal: Terminal, above = 'sluice'): Command => {
  const path = `${above} ${command.name()}`;
  for (const part of command.commands) adopted(part, terminal, path);
  return withOutput(command, terminal).showHelpAfterError(`(${path} --help explains it)`);
};
