/** The command line of this process: the only place of `cli/` that touches it. */
import { runCommand } from './run-command.ts';

// `sluice query | head` closes our stdout early, a closed terminal our stderr; neither is an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.stderr.on('error', () => {});

const readStdin = async (mostBytes: number): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  print: (line) => process.stdout.write(`${line}\n`),
  say: (line) => process.stderr.write(`${line}\n`),
  input: readStdin,
  watched: process.stderr.isTTY === true,
  interactive: process.stdout.isTTY === true,
  coloured: process.stdout.isTTY === true && process.stdout.hasColors(),
  exitNow: (code) => process.exit(code),
  onStop: (callback) => {
    process.on('SIGINT', callback);
    process.on('SIGTERM', callback);
    return () => {
      process.off('SIGINT', callback);
      process.off('SIGTERM', callback);
    };
  },
});
