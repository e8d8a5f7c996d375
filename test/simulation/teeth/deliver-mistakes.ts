import type { Mistake } from './mistake.ts';

/** In what is sent, under which id, and in what is recorded of it. */
export const deliverMistakes: readonly Mistake[] = [
  {
    name: 'the cursor moves before the answer',
    file: 'shared/flows/deliver/send-batch.ts',
    find: '  const sentAtMs = clock.nowMs();\n',
    replace: `  const sentAtMs = clock.nowMs();
  if (!(await held.store({ ...state, cursor: claim.end }, claim.until))) return 'conflict';
`,
  },
  {
    name: 'an id is used again after the settings have changed',
    file: 'shared/core/subscription-state.ts',
    find: '      filter: filter ?? null,\n      format,\n',
    replace: '      other: typeof filter === typeof format,\n',
  },
  {
    name: 'an id does not name the end of its batch',
    file: 'shared/core/subscription-state.ts',
    find: `    from,
    end,
    record,
    notBefore,
    ...(notAfter !== undefined && { notAfter }),
  };`,
    replace: `    from,
    end: end.segment >= 0,
    record,
    notBefore,
  };`,
  },
  {
    name: 'a retry goes under a new id',
    file: 'shared/flows/deliver/plan-batch.ts',
    find: '  id: claim.id,',
    replace: '  id: claim.id.concat(String(state.health.failures)),',
  },
  {
    name: 'a claim is taken without looking whether another holds it',
    file: 'shared/flows/deliver/next-step.ts',
    find: 'return storedThen({ claim, gathered }, held, { ...state, claim }, claim.until);',
    replace: 'await held.store({ ...state, claim }, claim.until);\n  return { claim, gathered };',
  },
  {
    name: 'the end of a claim is not kept for the retry',
    file: 'shared/flows/deliver/plan-batch.ts',
    find: 'if (claim.id === idOf(subscription, state, again)) return again;',
    replace: 'if (again.lines.length < 0) return again;',
  },
  {
    name: 'the sequence does not count',
    file: 'shared/core/after-outcome.ts',
    find: 'const sequence = state.sequence + 1;',
    replace: 'const sequence = Math.max(1, state.sequence);',
  },
  {
    name: 'the chain of a subscription does not go on',
    file: 'shared/core/after-outcome.ts',
    find: 'const chain = chainHash(state.chain, contentSha256);',
    replace: 'const chain = chainHash(contentSha256, state.chain);',
  },
  {
    name: 'an event that is refused is dropped, and no dead letter written',
    file: 'shared/flows/deliver/send-batch.ts',
    find: 'return letter ? { ...after, deadLetter: letter } : after;',
    replace: 'return after;',
  },
  {
    name: 'a refused batch is buried whole',
    file: 'shared/core/after-outcome.ts',
    find: 'if (events > 1) return',
    replace: 'if (events > 100) return',
  },
  {
    name: 'a refused batch is halved, and the other half passed over',
    file: 'shared/core/after-outcome.ts',
    find: 'if (events > 1) return { state: { ...unclaimed(state), narrowedTo',
    replace:
      'if (events > 1) return { state: { ...unclaimed(state), cursor: { ...claim.end, index: Math.max(0, claim.end.index - 1) }, narrowedTo',
  },
  {
    name: 'what the filter does not want is not counted',
    file: 'shared/core/after-outcome.ts',
    find: 'filtered: state.counts.filtered + filtered },\n  };',
    replace: 'filtered: state.counts.filtered },\n  };',
  },
  {
    name: 'the filter is turned round',
    file: 'shared/flows/deliver/wants.ts',
    find: 'if (wants && !wants(event, segment)) return undefined;',
    replace: 'if (wants?.(event, segment)) return undefined;',
  },
  {
    name: 'an answer that did not come is taken for a success',
    file: 'shared/core/webhook/answer.ts',
    find: "    case 'deadline passed':\n",
    replace: "    case 'deadline passed':\n      return { kind: 'delivered', answer: text, contentSha256: '' };\n",
  },
  {
    name: 'what is paused is delivered to all the same',
    file: 'shared/flows/deliver/next-step.ts',
    find: "if (state.hold?.kind === 'paused') return rest(held);",
    replace: '',
  },
  {
    name: 'a pause that comes while a batch is on its way is forgotten',
    file: 'shared/flows/deliver/send-batch.ts',
    find: 'held.adopt(now);',
    replace: 'held.adopt({ ...now, state });',
  },
  {
    name: 'a subscription that is behind is not woken again',
    file: 'shared/flows/wake-subscriptions.ts',
    find: `    ...look.wakes,
    ...(woken ? await concernedBy(deps, woken.head, head) : []),
`,
    replace: '    ...(woken ? [] : look.wakes),\n',
  },
];
