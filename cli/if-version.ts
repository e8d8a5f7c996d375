import type { Command } from 'commander';
import { WrongUsage } from './wrong-usage.ts';

export interface VersionOptions {
  readonly ifVersion?: string;
}

/** As `If-Match` of the HTTP API: nothing is done if the record has another version by now. */
export const ifVersionOption = (of: Command): Command =>
  of.option('--if-version <number>', 'only if it is at this version, as shown; otherwise nothing is done');

/** @throws WrongUsage when it is no number */
export const expectedBy = ({ ifVersion }: VersionOptions): { readonly expected?: number } => {
  if (ifVersion === undefined) return {};
  if (/^\d{1,15}$/.test(ifVersion)) return { expected: Number(ifVersion) };
  throw new WrongUsage(`--if-version must be a whole number, as "version" is shown; got "${ifVersion.slice(0, 20)}".`);
};
