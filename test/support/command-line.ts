/** The command line within this process: its words in, its output and exit code out. */
import { runCommand } from '../../cli/run-command.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  readonly cwd: string;
  /** Runs a command to its end; `input` is piped in. */
  (words: readonly string[], input?: string): Promise<Said>;
  /** The same with `--json`, its result parsed. @throws Error when it did not end with 0 */
  json<Result>(words: readonly string[], input?: string): Promise<Result>;
}

/** In a folder of its own. */
export const commandLine = async (env: Readonly<Record<string, string>> = {}): Promise<CommandLine> => {
  const cwd = await temporaryFolder();
  const run = async (words: readonly string[], input?: string): Promise<Said> => {
    const output = { stdout: '', stderr: '' };
    const code = await runCommand(words, {
      env,
      cwd,
      print: (line) => {
        output.stdout += `${line}\n`;
      },
      say: (line) => {
        output.stderr += `${line}\n`;
      },
      ...(input !== undefined && {
        input: async (mostBytes) => (Buffer.byteLength(input) > mostBytes ? undefined : input),
      }),
      watched: false,
      onStop: () => () => {},
      exitNow: (exitCode) => {
        throw new Error(`the command ended the process with ${exitCode}`);
      },
    });
    return { code, ...output };
  };
  const json = async <Result>(words: readonly string[], input?: string): Promise<Result> => {
    const { code, stdout, stderr } = await run([...words, '--json'], input);
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout) as Result;
  };
  return Object.assign(run, { cwd, json });
};
