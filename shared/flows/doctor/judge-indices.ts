/** What is found about the indices a pattern matches: which they are, when their events become visible, what they keep. */
import type { IndexFacts, Seen } from '../../ports/diagnosis.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import { count, some } from './words.ts';

export const judgeIndices = (
  facts: Seen<readonly IndexFacts[]>,
  of: { readonly origin: string; readonly pattern: string; readonly overlapMs: number },
): readonly Finding[] => {
  if (facts.kind === 'hidden')
    return [
      warning(
        'elasticsearch/indices',
        `Which indices match "${of.pattern}", how often they refresh and what they keep cannot be seen (${facts.reason}).`,
        'Give the credentials the index privilege view_index_metadata on the pattern, or check those yourself.',
      ),
    ];
  const open = facts.value.filter(({ state }) => state === 'open');
  return [
    judgeMatches(facts.value, of),
    ...(open.length > 0 ? [judgeRefresh(open, of.overlapMs), ...judgeSource(open)] : []),
  ];
};

const namesOf = (indices: readonly IndexFacts[]): readonly string[] => indices.map(({ name }) => name);

const judgeMatches = (
  indices: readonly IndexFacts[],
  { origin, pattern }: { readonly origin: string; readonly pattern: string },
): Finding => {
  const check = 'elasticsearch/indices';
  const remote = pattern.split(',').filter((part) => part.includes(':'));
  const elsewhere = remote.length > 0 ? `; ${remote.join(', ')} lies in another cluster` : '';
  const open = indices.filter(({ state }) => state === 'open');
  const closed = indices.filter(({ state }) => state === 'closed');
  if (open.length === 0 && remote.length === 0)
    return problem(
      check,
      `No open index at ${origin} matches SLUICE_SOURCE_INDEX "${pattern}"${closed.length > 0 ? `; closed: ${some(namesOf(closed))}` : ''}.`,
      'Check the pattern, open the index, or give the credentials the right to read what it should match.',
    );
  const streams = [...new Set(open.flatMap(({ dataStream }) => dataStream ?? []))];
  const through = streams.length > 0 ? `, backing the data stream ${some(streams)}` : '';
  const found = `"${pattern}" matches ${count(open.length, 'open index', 'open indices')} (${some(namesOf(open))}${through})${elsewhere}`;
  return closed.length > 0
    ? warning(
        check,
        `${found}; closed, so not read: ${some(namesOf(closed))}.`,
        'Open it to have its events forwarded; otherwise leave it out of the pattern.',
      )
    : ok(check, `${found}.`);
};

/** A refresh later is when an event can be found at all: what is not found within the overlap, pull does not look for again. */
const judgeRefresh = (open: readonly IndexFacts[], overlapMs: number): Finding => {
  const check = 'elasticsearch/refresh';
  const seen = open.filter(({ refreshMs }) => refreshMs !== undefined);
  const longest = seen.reduce((most, { refreshMs = 0 }) => Math.max(most, refreshMs === 'never' ? 0 : refreshMs), 0);
  const never = seen.filter(({ refreshMs }) => refreshMs === 'never');
  if (never.length > 0)
    return problem(
      check,
      `${some(namesOf(never))} never refreshes by itself (refresh_interval -1): new events cannot be found.`,
      'Set index.refresh_interval to 1s there.',
    );
  const slowest = some(namesOf(seen.filter(({ refreshMs }) => refreshMs === longest)));
  if (longest >= overlapMs)
    return problem(
      check,
      `${slowest} refreshes every ${longest / 1000} s, the overlap is ${overlapMs / 1000} s: events become visible after pull has passed them.`,
      `Set index.refresh_interval to 1s, or SLUICE_OVERLAP_SECONDS above ${(longest / 1000) * 2}.`,
    );
  return longest > 30_000
    ? warning(
        check,
        `${slowest} refreshes every ${longest / 1000} s: events arrive that much later.`,
        'Set index.refresh_interval to 1s where events are to arrive at once.',
      )
    : ok(check, `Events become visible within ${Math.max(1, longest / 1000)} s (refresh_interval).`);
};

const judgeSource = (open: readonly IndexFacts[]): readonly Finding[] => {
  const check = 'elasticsearch/source';
  const without = open.filter(({ source }) => source === 'disabled');
  const rebuilt = open.filter(({ source }) => source === 'synthetic');
  if (without.length > 0)
    return [
      problem(
        check,
        `${some(namesOf(without))} does not keep _source: its events would arrive without content.`,
        'Map new indices with _source enabled; what these hold cannot be brought back.',
      ),
    ];
  if (rebuilt.length > 0)
    return [
      ok(
        check,
        `${some(namesOf(rebuilt))} rebuilds _source from its fields (synthetic): lists may come sorted, values as mapped.`,
      ),
    ];
  return open.some(({ source }) => source === 'kept') ? [ok(check, 'Documents come back as they were written.')] : [];
};
