import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
}
const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
);
const running = Object.entries(lock.packages).filter(
  ([name, { dev, devOptional }]) => name !== '' && !dev && !devOptional,
);

describe('what runs beside our own code', () => {
  it('is few packages, each of one version whose content is pinned by its hash', () => {
    expect(running.length).toBeGreaterThan(10);
    expect(running.length).toBeLessThan(100);
    expect(running.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
  });

  it('runs nothing when it is installed', () => {
    expect(running.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });
});
