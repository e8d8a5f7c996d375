/** What one subscription should have and what it has. */
export interface Comparison {
  readonly subscription: string;
  readonly expected: number;
  readonly received: number;
  readonly missing: number;
  /** Events that arrived but should not have: for a tenant's subscription, those of another tenant. */
  readonly foreign: number;
  readonly repeated: number;
  readonly right: boolean;
}

/** Holds what arrived against what should have: each expected event once, and no other. */
export const compare = (
  subscription: string,
  received: readonly string[],
  expected: ReadonlySet<string>,
): Comparison => {
  const distinct = new Set(received);
  const missing = [...expected].filter((id) => !distinct.has(id)).length;
  const foreign = [...distinct].filter((id) => !expected.has(id)).length;
  const repeated = received.length - distinct.size;
  return {
    subscription,
    expected: expected.size,
    received: received.length,
    missing,
    foreign,
    repeated,
    right: missing + foreign + repeated === 0,
  };
};

export const comparisonSentence = (one: Comparison): string =>
  one.right
    ? `${one.subscription}: ${one.received} of ${one.expected} events, each once`
    : `${one.subscription}: WRONG: ${one.received} received, ${one.expected} expected; ${one.missing} missing, ${one.foreign} not meant for it, ${one.repeated} repeated`;
