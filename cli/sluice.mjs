#!/usr/bin/env node
/**
 * Starts the command line with a Node that runs TypeScript as it is. This file alone is plain JavaScript, so that an older Node
 * (20 or newer) can read it and hand over to the Node 24 that `npm ci` has installed.
 * Node takes `--env-file` for its own, and ends with 9 when there is no such file; `node -- cli/sluice.mjs` keeps it away.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const needed = 24;
const installed = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= needed) {
  // Caches the compiled sources and packages: every further command starts in 0.3 s instead of 0.7 s.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/sluice', import.meta.url)));
  await import('./main.ts');
} else if (existsSync(installed)) {
  // `--`: as above.
  const child = spawn(installed, ['--', fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // Ctrl-C in a terminal signals both processes, `kill` only this one. So signals are passed on; the command counts two at the same moment
  // as one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => refuse(`${installed} does not start: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
} else {
  refuse('the Node that npm ci brings is not installed');
}

/** @param {string} reason */
function refuse(reason) {
  process.stderr.write(
    `Sluice needs Node ${needed}; this is ${process.version} and ${reason}. Run npm ci, or install Node ${needed}.\n`,
  );
  process.exit(2);
}
