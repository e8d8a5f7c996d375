/**
 * The command line as a user without rights, started by root: root may write whatever the mode of a file is. Everything is loaded before
 * the rights go, since the project may lie where nobody else may look.
 */
import { readdirSync } from 'node:fs';
import { runCommand } from '../../cli/run-command.ts';

const nobody = 65_534;
const adapters = new URL('../../shared/adapters/', import.meta.url);
const files = readdirSync(adapters).filter((name) => name.endsWith('.ts'));
await Promise.all(files.map((name) => import(new URL(name, adapters).href)));

if (process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(nobody);
  process.setuid?.(nobody);
}

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  print: (line) => process.stdout.write(`${line}\n`),
  say: (line) => process.stderr.write(`${line}\n`),
  watched: false,
  exitNow: (code) => process.exit(code),
  onStop: () => () => undefined,
});
