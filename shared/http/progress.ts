import type { EventQuery } from '../core/event-query.ts';

/**
 * The header `Sluice-Progress`: the part of the asked time range that is answered, from 0 to 1, and the time it reaches, such as
 * `0.42; through=2026-05-05T10:00:07.529Z`. If the question has no beginning, only that time is known.
 * @param through time of the last event; absent: nothing was answered yet
 */
export const progressOf = (
  { filter, sort, asOfMs }: Pick<EventQuery, 'filter' | 'sort' | 'asOfMs'>,
  through: string | undefined,
): string | undefined => {
  const reached = through === undefined ? [] : [`through=${through}`];
  const from = filter.from === undefined ? undefined : Date.parse(filter.from);
  const to = Math.min(filter.to === undefined ? asOfMs : Date.parse(filter.to), asOfMs);
  if (from === undefined || to <= from) return reached[0];
  if (through === undefined) return '0';
  const passed = sort === 'asc' ? Date.parse(through) - from : to - Date.parse(through);
  return [Math.min(1, Math.max(0, passed / (to - from))).toFixed(4), ...reached].join('; ');
};
