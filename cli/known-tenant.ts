import { everyTenant } from '../shared/core/event.ts';
import type { Directory } from '../shared/flows/tenants-directory.ts';
import { WrongUsage } from './wrong-usage.ts';

/**
 * Refuses a tenant that is in no directory; without a directory nobody can know.
 * @param otherwise what may be written instead of a tenant: `* for an operator`
 * @throws WrongUsage
 */
export const checkTenant = async (directory: Directory, tenant: string, otherwise: string): Promise<void> => {
  const { ids } = await directory.current();
  if (tenant !== everyTenant && ids && !ids.includes(tenant))
    throw new WrongUsage(`There is no tenant "${tenant}". Write one of ${someOf(ids)}, or ${otherwise}.`);
};

const someOf = (ids: readonly string[]): string =>
  ids.length <= 20 ? ids.join(', ') : `${ids.slice(0, 20).join(', ')} and ${ids.length - 20} more`;
