/** Histories that failed once, minimised: each is a file, and is played by the tests for ever. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { History } from './history.ts';

export interface Regression {
  /** What was broken when it was found. */
  readonly promise: string;
  readonly history: History;
}

const folder = new URL('regressions/', import.meta.url);

/** By file name. */
export const regressions = (): ReadonlyMap<string, Regression> =>
  new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => [name, readRegression(fileURLToPath(new URL(name, folder)))]),
  );

export const readRegression = (path: string): Regression => JSON.parse(readFileSync(path, 'utf8')) as Regression;

/** @returns the path, relative to the repository */
export const keepRegression = (regression: Regression): string => {
  const name = `${regression.promise.replace(/[^a-z]+/gi, '-').slice(0, 60)}-${regression.history.seed}.json`;
  writeFileSync(new URL(name, folder), `${JSON.stringify(regression, undefined, 2)}\n`);
  return `test/simulation/regressions/${name}`;
};
