import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { startSluice } from '../../support/sluice-process.ts';
import { whoWaits } from './stage.ts';

export interface Race {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Processes of each kind at once. */
  readonly each: number;
  readonly rounds: number;
}

/** A deliverer ends with 1 when a receiver refused: that is said, and no mistake of ours. */
const run = async (word: 'pull' | 'deliver', { cwd, env }: Pick<Race, 'cwd' | 'env'>): Promise<void> => {
  const { code, stderr } = await startSluice([word], { cwd, env }).ended;
  const refused = word === 'deliver' && /failed \d+ times? in a row/.test(stderr);
  expect(code, `${word}: ${stderr}`).toBe(refused ? 1 : 0);
};

/** So many pulls and as many deliveries at once on one state, several times; each process ends well, whoever was first. */
export const race = async ({ cwd, env, each, rounds }: Race): Promise<void> => {
  const words = Array.from({ length: each }, () => ['pull', 'deliver'] as const).flat();
  for (let round = 0; round < rounds; round += 1) await Promise.all(words.map((word) => run(word, { cwd, env })));
};

/** One of each until nobody waits. A claim of a run that lost its race is over within a minute. */
export const settle = async ({ cwd, env }: Pick<Race, 'cwd' | 'env'>): Promise<void> => {
  for (const patience = Date.now() + 100_000; ; ) {
    await run('pull', { cwd, env });
    await run('deliver', { cwd, env });
    const late = await whoWaits(cwd, env);
    if (late.length === 0) return;
    expect(Date.now(), `not settled in time: ${late.join('\n')}`).toBeLessThan(patience);
    await pause(1000);
  }
};
