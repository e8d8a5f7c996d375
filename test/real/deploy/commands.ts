/** Commands as an operator types them, in the project's folder. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

export interface Commands {
  sls(...args: readonly string[]): Promise<string>;
  sluice(...args: readonly string[]): Promise<string>;
}

/**
 * @param env beside what this process has itself
 * @param cwd for `sls`; the project's folder by default
 * @throws Error with what the command said, when it fails or takes longer than two minutes
 */
export const commandsWith = (env: Readonly<Record<string, string>>, cwd = root): Commands => {
  const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`;
  const command = async (file: string, args: readonly string[], folder: string): Promise<string> => {
    const child = run(file, args, {
      cwd: folder,
      env: { ...process.env, CI: 'true', ...env, PATH: path },
      timeout: 120_000,
      maxBuffer: 16 * 1024 * 1024,
    });
    child.child.stdin?.end();
    const { stdout } = await child.catch((error: { readonly stdout?: string; readonly stderr?: string }) => {
      throw new Error(`${file} ${args.join(' ')} failed:\n${error.stdout ?? ''}\n${error.stderr ?? String(error)}`);
    });
    return stdout;
  };
  return {
    sls: (...args) => command('sls', args, cwd),
    sluice: (...args) => command(process.execPath, [join(root, 'cli/sluice.mjs'), ...args], root),
  };
};

/** The outputs of a deployed stack, by name. */
export const outputsOf = async ({ sls }: Commands): Promise<(name: string) => string> => {
  const told = await sls('info', '--verbose');
  return (name) => {
    const value = new RegExp(`^ +${name}: (.+)$`, 'm').exec(told)?.[1];
    if (value === undefined) throw new Error(`The stack has no output ${name}:\n${told}`);
    return value;
  };
};
