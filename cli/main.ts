/** The command line of this process: the only place of `cli/` that touches it. */
import { OperatorMustFix } from '../shared/core/errors.ts';
import { runCommand } from './run-command.ts';

// `sluice query | head` closes our stdout early, a closed terminal our stderr; neither is an error.
// Anything else, such as a full disk, is said by `written`.
let refusal: NodeJS.ErrnoException | undefined;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  refusal ??= error;
});
process.stderr.on('error', () => {});

const written = (): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write('', (error) => {
      if (error == null) return resolve();
      const cause = refusal ?? error;
      const reason = 'code' in cause ? cause.code : cause.message;
      reject(new OperatorMustFix(`Stdout cannot be written (${reason}): what was printed is not whole.`, { cause }));
    });
  });

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
  written,
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
