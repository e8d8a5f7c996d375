/** How each function is bundled: by serverless-esbuild, which serverless.yml sends here, and by the tests. */
import type { BuildOptions } from 'esbuild';
import { withinBudget } from './bundle-budget.ts';
import { onlyEnvironmentCredentials, withoutEndpointMethods, withoutUndici } from './left-out.ts';

export const bundleOptions = {
  bundle: true,
  minify: true,
  // Class names of errors are what an operator reads.
  keepNames: true,
  format: 'esm',
  // Some packages are CommonJS still.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  platform: 'node',
  target: 'node24',
  // The ES modules of a package, so that what is not used falls away.
  mainFields: ['module', 'main'],
  plugins: [withoutUndici, withoutEndpointMethods, onlyEnvironmentCredentials, withinBudget],
} satisfies BuildOptions;

/** What serverless-esbuild adds: nothing is taken to be there already, and `sls offline` watches our sources only. */
const packagingOptions = { exclude: [], watch: { pattern: ['functions/**/*.ts', 'shared/**/*.ts'] } };

const forServerless = () => ({ ...bundleOptions, ...packagingOptions });

// serverless-esbuild takes what require() gives it.
export { forServerless as 'module.exports' };
