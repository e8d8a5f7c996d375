/** Names and other values found under personal keys of an event, to be searched for in the rest of the event. */
import { hidden } from './patterns.ts';

export interface Found {
  readonly values: Set<string>;
  /** There were more values than can be searched for; then texts that may hold one are hidden completely. */
  overflow: boolean;
}

export const nothingFound = (): Found => ({ values: new Set(), overflow: false });

/** Shorter values occur in any text by chance; longer ones are no names but pictures and the like. */
const shortest = 3;
const longest = 200;
const most = 100;

/** Remembers `Ada Lovelace`, and also `Ada` and `Lovelace`. */
export const remember = (text: string, found: Found): void => {
  const { values } = found;
  for (const value of [text, ...text.split(/[\s,;]+/)]) {
    if (value.length < shortest || value.length > longest || value === hidden) continue;
    if (values.size < most) values.add(value.toLowerCase());
    else found.overflow = true;
  }
};

/** Replaces the found values where they are whole words, in upper or lower case. */
export const searchFor = ({ values }: Found): ((text: string) => string) => {
  if (values.size === 0) return (text) => text;
  const words = [...values]
    .sort((a, b) => b.length - a.length)
    .map((value) => value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
  return (text) => text.replace(pattern, hidden);
};
