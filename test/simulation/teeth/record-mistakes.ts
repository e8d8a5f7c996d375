import type { Mistake } from './mistake.ts';

/** In the journal, in what is found afterwards, and in whose an event is. */
export const recordMistakes: readonly Mistake[] = [
  {
    name: 'a lost race is taken for an append',
    file: 'shared/flows/journal/append-segment.ts',
    find: 'return taken && text.equals(taken) ?',
    replace: 'return taken ?',
  },
  {
    name: 'the chain goes on over the wrong hash',
    file: 'shared/flows/journal/append-segment.ts',
    find: 'previous: head?.hash ?? noHash,',
    replace: 'previous: head?.sha256 ?? noHash,',
  },
  {
    name: 'the largest time so far is the last one',
    file: 'shared/flows/journal/append-segment.ts',
    find: 'movesTime(kind) ? laterOf(head?.maxTimeSoFar ?? null, draft.maxTime)',
    replace: 'movesTime(kind) ? draft.maxTime',
  },
  {
    name: 'the minutes of a manifest are set, not summed',
    file: 'shared/core/segment-draft.ts',
    find: 'minutes.set(minute, (minutes.get(minute) ?? 0) + 1);',
    replace: 'minutes.set(minute, 1);',
  },
  {
    name: 'a tenant’s block is read from where another’s begins',
    file: 'shared/flows/journal/open-journal.ts',
    find: 'const place = of.tenants[tenant];',
    replace: 'const place = of.tenants[tenant] && Object.values(of.tenants)[0];',
  },
  {
    name: 'an event that names two tenants goes to the first',
    file: 'shared/core/tenants.ts',
    find: 'answer = answer === undefined ? owner : unattributed;',
    replace: 'answer = answer === undefined ? owner : answer;',
  },
  {
    name: 'reconcile skips the first minute that differs',
    file: 'shared/core/reconcile-minutes.ts',
    find: '  return { more, missing, removed };',
    replace: '  return { more: more.slice(1), missing, removed };',
  },
  {
    name: 'reconcile journals again what is held',
    file: 'shared/flows/reconcile/mend-stretch.ts',
    find: '&& !keys.has(eventKey(hit._index, hit._id));',
    replace: '&& !(keys.size === 0);',
  },
  {
    name: 'reconcile appends after a lost race without looking what was appended',
    file: 'shared/flows/reconcile/late-events.ts',
    find: 'if (await follow()) {',
    replace: 'if ((await follow()) && race > mostRaces) {',
  },
  {
    name: 'reconcile looks at one segment of a minute only',
    file: 'shared/flows/reconcile/view-journal.ts',
    find: 'for (const manifest of manifests) for (const key',
    replace: 'for (const manifest of manifests.slice(0, 1)) for (const key',
  },
  {
    name: 'an event is attributed afterwards by every run anew',
    file: 'shared/flows/reattribute/gather-range.ts',
    find: 'held.add(key);',
    replace: 'held.delete(key);',
  },
  {
    name: 'who receives every event receives those attributed afterwards again',
    file: 'shared/flows/deliver/gather-batch.ts',
    find: "if (manifest.kind === 'reattributed') return [];",
    replace: '',
  },
];
