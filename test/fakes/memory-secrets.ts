import type { Secrets, SecretValue } from '../../shared/ports/secrets.ts';
import { type Faults, faultKnobs } from './faults.ts';

type Name = Parameters<Secrets['get']>[0];

export interface MemorySecrets extends Secrets, Faults<'get'> {
  /** From now on `current` is given; what was current is previous. */
  rotate(name: Name, current: string): void;
}

/** Secrets in memory. */
export const memorySecrets = (initial: Partial<Record<Name, string | SecretValue>> = {}): MemorySecrets => {
  const values = new Map<string, SecretValue>();
  for (const [name, value] of Object.entries(initial))
    values.set(name, typeof value === 'string' ? { current: value } : value);
  const { knobs, call } = faultKnobs<'get'>();
  return {
    ...knobs,
    get: (name) => call('get', name, () => values.get(name)),
    rotate: (name, current) => {
      const previous = values.get(name)?.current;
      values.set(name, previous === undefined || previous === current ? { current } : { current, previous });
    },
  };
};
