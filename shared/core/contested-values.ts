import { lists, type TenantDirectory } from './tenants.ts';

export interface Contested {
  readonly list: (typeof lists)[number];
  readonly value: string;
  /** Two or more. */
  readonly tenants: readonly string[];
}

/** Values that more than one tenant claims, compared without regard to case. */
export const contestedValues = ({ tenants }: TenantDirectory): readonly Contested[] =>
  lists.flatMap((list) => {
    const claims = tenants.flatMap((tenant) => tenant[list].map((value) => [value.toLowerCase(), tenant.id] as const));
    return [...Map.groupBy(claims, ([value]) => value)].flatMap(([value, of]) => {
      const claimants = [...new Set(of.map(([, id]) => id))];
      return claimants.length > 1 ? [{ list, value, tenants: claimants }] : [];
    });
  });
