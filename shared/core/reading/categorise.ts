/** ECS categorisation: the source's values, as far as ECS allows them; otherwise those of the catalogue for the action. */
import { actionNamed, unknownActionEcs } from '../catalogue/actions.ts';
import { allowedCategories, allowedKinds, allowedOutcomes, allowedTypes } from '../catalogue/ecs-values.ts';
import { slot } from './fields.ts';
import { readList, readText } from './scalars.ts';

export interface Categories {
  readonly kind: string;
  readonly category: readonly string[];
  readonly type: readonly string[];
  readonly outcome: string;
  /** Fields whose raw value is not allowed in ECS, with the value that the source wrote. */
  readonly replaced: readonly (readonly [field: string, raw: unknown])[];
  /** Source and HTTP status disagree; the source wins. */
  readonly contradiction: boolean;
}

export const categorise = (
  known: readonly unknown[],
  action: string | undefined,
  method: string | undefined,
  status: number | undefined,
): Categories => {
  const kinds = allowedOf(known[slot['event.kind']], allowedKinds);
  const categories = allowedOf(known[slot['event.category']], allowedCategories);
  const types = allowedOf(known[slot['event.type']], allowedTypes);
  const outcomes = allowedOf(known[slot['event.outcome']], allowedOutcomes);
  const table = action === undefined ? undefined : actionNamed(action);
  const fallback =
    categories.values.length > 0 && types.values.length > 0 ? undefined : (table?.ecs ?? unknownActionEcs(method));
  const byStatus = status === undefined ? 'unknown' : status < 400 ? 'success' : 'failure';
  const outcome = outcomes.values[0] ?? byStatus;
  const replaced: (readonly [string, unknown])[] = [];
  if (kinds.dropped) replaced.push(['event.kind', known[slot['event.kind']]]);
  if (categories.dropped) replaced.push(['event.category', known[slot['event.category']]]);
  if (types.dropped) replaced.push(['event.type', known[slot['event.type']]]);
  if (outcomes.dropped) replaced.push(['event.outcome', known[slot['event.outcome']]]);
  return {
    kind: kinds.values[0] ?? 'event',
    category: fallback && categories.values.length === 0 ? fallback.category : categories.values,
    type: fallback && types.values.length === 0 ? fallback.type : types.values,
    outcome,
    replaced,
    contradiction: outcome !== 'unknown' && byStatus !== 'unknown' && outcome !== byStatus,
  };
};

interface Allowed {
  readonly values: readonly string[];
  readonly dropped: boolean;
}

const none: Allowed = { values: [], dropped: false };

const allowedOf = (raw: unknown, allowed: ReadonlySet<string>): Allowed => {
  if (raw === undefined) return none;
  if (typeof raw === 'string' && allowed.has(raw)) return { values: [raw], dropped: false };
  if (isAllowedList(raw, allowed)) return { values: raw, dropped: false };
  const given = readList(raw).map((value) => value.toLowerCase());
  const values = [...new Set(given.filter((value) => allowed.has(value)))];
  const unread = given.length === 0 && readText(raw) === undefined;
  return { values, dropped: unread || given.some((value) => !allowed.has(value)) };
};

/** The usual case: a list of allowed values, which is taken unchanged. */
const isAllowedList = (raw: unknown, allowed: ReadonlySet<string>): raw is readonly string[] => {
  if (!Array.isArray(raw) || raw.length === 0) return false;
  const values: readonly unknown[] = raw;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (typeof value !== 'string' || !allowed.has(value) || values.indexOf(value) !== at) return false;
  }
  return true;
};
