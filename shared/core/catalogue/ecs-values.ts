/**
 * The values that ECS allows in its four categorisation fields. Only values that exist in ECS 1.9 already, so that one document fits old
 * and new stacks alike. The data is `ecs-allowed.json`.
 * @see https://www.elastic.co/docs/reference/ecs/ecs-category-field-values-reference
 */
import allowed from './ecs-allowed.json' with { type: 'json' };

const since19 = (values: readonly { readonly value: string; readonly in_1_9: boolean }[]): ReadonlySet<string> =>
  new Set(values.filter((entry) => entry.in_1_9).map((entry) => entry.value));

export const allowedKinds = since19(allowed['event.kind']);
export const allowedCategories = since19(allowed['event.category']);
export const allowedTypes = since19(allowed['event.type']);
export const allowedOutcomes = since19(allowed['event.outcome']);

/** The newest version whose fields are used; every one of them exists in 1.9 too. */
export const ecsVersion: string = allowed.ecs.newest;
