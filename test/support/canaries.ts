/**
 * The secrets planted in the sample logs. Nothing Sluice writes, sends, prints or answers may hold one of them: every test that
 * produces output passes it through `expectNoCanary`.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

interface Row {
  readonly canaries?: readonly string[];
  readonly expect?: { readonly canaries?: readonly string[] };
}

const canariesOf = (manifest: string): readonly string[] => {
  const file = new URL(`../../samples/${manifest}`, import.meta.url);
  const { docs } = JSON.parse(readFileSync(file, 'utf8')) as { readonly docs: Readonly<Record<string, Row>> };
  return Object.values(docs).flatMap((row) => [...(row.canaries ?? []), ...(row.expect?.canaries ?? [])]);
};

let known: readonly string[] | undefined;

/** Every canary of `samples-manifest.json` and `samples-edge-manifest.json`, each once. */
export const canaries = (): readonly string[] => {
  known ??= [...new Set([...canariesOf('samples-manifest.json'), ...canariesOf('samples-edge-manifest.json')])];
  return known;
};

/** Fails, naming what leaked, when the text (or the bytes, read as UTF-8; decompress first) holds a canary or the mark of one. */
export const expectNoCanary = (text: string | Uint8Array): void => {
  const searched = typeof text === 'string' ? text : Buffer.from(text).toString('utf8');
  const leaked = canaries().filter((canary) => searched.includes(canary));
  if (searched.includes('CANARY') && leaked.length === 0) leaked.push('(part of a canary)');
  expect(leaked, 'secrets of the sample logs in an output').toEqual([]);
};
