/**
 * Prints the size of each function's bundle and how long a cold start takes to load it: `node deploy/measure-bundles.ts`.
 * Fails when one is over its budget.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { budgets } from './bundle-budget.ts';
import { bundleOptions } from './bundle-options.ts';

const project = join(import.meta.dirname, '..');
const runs = 9;

/** Milliseconds from the first line of a fresh process until the handler is there; with settings as in Lambda, where no client connects yet. */
const coldImportMs = (bundle: string): number => {
  const script = `
    const from = performance.now();
    await import(${JSON.stringify(pathToFileURL(bundle).href)});
    process.stdout.write(String(performance.now() - from), () => process.exit(0));`;
  const env = {
    SLUICE_SOURCE_URL: 'https://elasticsearch.invalid',
    SLUICE_SOURCE_INDEX: 'closer',
    SLUICE_STATE_URL: 'dynamodb:state',
    SLUICE_JOURNAL_URL: 's3://bucket/journal',
    SLUICE_QUEUE_URL: 'sqs:https://sqs.us-east-1.amazonaws.com/123456789012/work.fifo',
    SLUICE_SECRETS: 'secretsmanager:sluice/dev',
    AWS_REGION: 'us-east-1',
  };
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' }));
};

const folder = mkdtempSync(join(tmpdir(), 'sluice-bundles-'));
try {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [name, budget] of Object.entries(budgets)) {
    const outdir = join(folder, name);
    await build({ ...bundleOptions, absWorkingDir: project, entryPoints: [`functions/${name}/index.ts`], outdir });
    const bundle = join(outdir, 'index.js');
    const times = Array.from({ length: runs }, () => coldImportMs(bundle)).sort((a, b) => a - b);
    const size = Math.round(statSync(bundle).size / 1000);
    console.log(
      `${name}: ${size} KB of ${budget / 1000}, cold import ${times[Math.floor(runs / 2)]?.toFixed(0)} ms (median of ${runs})`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
