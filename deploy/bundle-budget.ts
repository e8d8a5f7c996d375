import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** Most bytes of a function's bundle, minified: every 100 KB cost some 5 ms of each cold start. */
export const budgets: Readonly<Record<string, number>> = {
  pull: 1_100_000,
  reconcile: 1_100_000,
  deliver: 900_000,
  query: 1_100_000,
  manage: 1_200_000,
};

/** Fails the build of a bundle that is larger than its budget. The function's name is that of its folder. */
export const withinBudget: Plugin = {
  name: 'within-budget',
  setup: (build) => {
    build.onEnd(async ({ errors }) => {
      const { outdir = '' } = build.initialOptions;
      const most = budgets[basename(outdir)];
      if (errors.length > 0 || most === undefined) return {};
      const { size } = await stat(join(outdir, 'index.js'));
      if (size <= most) return {};
      const text = `The bundle of function ${basename(outdir)} has ${kb(size)}, its budget is ${kb(most)} (deploy/bundle-budget.ts). Leave something out, or raise the budget with a reason.`;
      return { errors: [{ text }] };
    });
  },
};

const kb = (bytes: number): string => `${Math.ceil(bytes / 1000)} KB`;
