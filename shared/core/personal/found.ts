/** Names and other values that stood under a personal key of an event, to be searched for in the rest of it. */
import { hidden } from './patterns.ts';

export interface Found {
  readonly values: Set<string>;
  /** More than are searched for: then what could hold one is hidden whole. */
  overflow: boolean;
}

export const nothingFound = (): Found => ({ values: new Set(), overflow: false });

/** Shorter ones occur by chance in any text; longer ones are pictures and the like. */
const shortest = 3;
const longest = 200;
const most = 100;

/** `Ada Lovelace`, and `Ada` and `Lovelace` as well. */
export const remember = (text: string, found: Found): void => {
  const { values } = found;
  for (const value of [text, ...text.split(/[\s,;]+/)]) {
    if (value.length < shortest || value.length > longest || value === hidden) continue;
    if (values.size < most) values.add(value.toLowerCase());
    else found.overflow = true;
  }
};

/** Replaces them as whole words, upper or lower case. */
export const searchFor = ({ values }: Found): ((text: string) => string) => {
  if (values.size === 0) return (text) => text;
  const words = [...values]
    .sort((a, b) => b.length - a.length)
    .map((value) => value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
  return (text) => text.replace(pattern, hidden);
};
