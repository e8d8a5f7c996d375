import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Config } from '../shared/config/config.ts';
import { readConfig } from '../shared/config/settings.ts';
import { readEnvFile } from './env-file.ts';
import type { ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** Builds one command. It calls `done` when its exit code is not 0 although nothing was thrown. */
export type CommandBuilder = (terminal: Terminal, done: (code: ExitCode) => void) => Command;

/** The options that every command has. */
export interface CommonOptions {
  readonly json?: true;
  readonly envFile?: string;
}

export const command = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .option('--json', 'print the result as JSON, for scripts')
    .option('--env-file <file>', 'read settings from this file too; the environment wins');

/** An option that takes one value and may be given again: the word behind its value stays an argument of the command. */
export const repeatable = (flags: string, description: string): Option =>
  new Option(flags, `${description} (repeatable)`).argParser<readonly string[]>((value, earlier = []) => [
    ...earlier,
    value,
  ]);

/** A command of commands; the options are theirs. */
export const group = (name: string, description: string): Command => new Command(name).description(description);

/**
 * The environment with the settings of `--env-file` under it.
 * @throws WrongUsage when the file cannot be read, or a line of it is no setting
 */
export const environmentOf = (terminal: Terminal, { envFile }: CommonOptions): Terminal['env'] => {
  if (envFile === undefined) return terminal.env;
  return { ...readEnvFile(resolve(terminal.cwd, envFile)), ...terminal.env };
};

/** @throws WrongSettings, WrongUsage */
export const configOf = (terminal: Terminal, options: CommonOptions): Config =>
  readConfig(environmentOf(terminal, options), { cwd: terminal.cwd });
