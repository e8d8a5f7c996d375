/** Reads one tenant of the directory from the API's body, and checks it against all other tenants. */
import type { BodyMistake } from './bad-body.ts';
import { lists, type Tenant, type TenantDirectory, tenantSchema } from './tenants.ts';

export type ReadTenant =
  | { readonly kind: 'tenant'; readonly tenant: Tenant }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly [BodyMistake, ...BodyMistake[]] };

/** The largest tenant as JSON: a record may have 100 KB, and also holds who changed it last, and when. */
const largestBytes = 80_000;
/** An e-mail address has at most 254 characters, a data stream's name 255 bytes. */
const longestText = 320;
/** Control and invisible characters: with them two different values could look the same. */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

/**
 * `{ "organizations"?, "users"?, "emails"?, "emailDomains"?, "indices"? }`, and `id` only when it is `id`.
 * @param others every other tenant, of the file and of the records: a value belongs to one tenant only
 */
export const readTenantWritten = (id: string, written: unknown, others: TenantDirectory): ReadTenant => {
  const parsed = tenantSchema.safeParse(isObject(written) ? { id, ...written } : written);
  const shape = parsed.success ? [] : parsed.error.issues.flatMap(mistakesOf);
  const mistakes = [...shape, ...badTexts(written), ...takenValues(written, id, others), ...otherId(id, written)];
  const [first, ...more] = mistakes;
  if (first) return { kind: 'mistakes', mistakes: [first, ...more] };
  // There are no mistakes, so parsing succeeds.
  return { kind: 'tenant', tenant: tenantSchema.parse({ id, ...(written as object) }) };
};

type Issue = NonNullable<ReturnType<typeof tenantSchema.safeParse>['error']>['issues'][number];

const mistakesOf = (issue: Issue): readonly BodyMistake[] => {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  if (issue.code !== 'unrecognized_keys') return [{ path, detail: `${issue.message}.` }];
  const known = `Known are ${lists.join(', ')}.`;
  return issue.keys.map((key) => ({ path: [...path, key.slice(0, 60)], detail: `is not known. ${known}` }));
};

const otherId = (id: string, written: unknown): readonly BodyMistake[] =>
  isObject(written) && written['id'] !== undefined && written['id'] !== id
    ? [{ path: ['id'], detail: `must be "${id}", as in the URL, or be left out.` }]
    : [];

const badTexts = (written: unknown): readonly BodyMistake[] => {
  const mistakes: BodyMistake[] = [];
  let bytes = 0;
  for (const { list, at, value } of valuesIn(written)) {
    const path = [list, at];
    bytes += Buffer.byteLength(value) + 3;
    if (value.length > longestText) mistakes.push({ path, detail: `must have at most ${longestText} characters.` });
    else if (!value.isWellFormed() || invisible.test(value))
      mistakes.push({ path, detail: 'holds a character that cannot be seen. Write the value anew.' });
    else if (list === 'emailDomains' && value.includes('@'))
      mistakes.push({ path, detail: 'must be a domain without "@", for example aurora.example.com.' });
  }
  if (bytes > largestBytes)
    mistakes.push({
      path: [],
      detail: `has ${bytes} bytes of values, at most ${largestBytes} fit. Name organizations or emailDomains in place of many users, or keep this tenant in the file of SLUICE_TENANTS_FILE.`,
    });
  return mistakes;
};

const takenValues = (written: unknown, id: string, { tenants }: TenantDirectory): readonly BodyMistake[] => {
  const owners = new Map<string, string>();
  for (const tenant of tenants)
    if (tenant.id !== id)
      for (const list of lists) for (const value of tenant[list]) owners.set(keyOf(list, value), tenant.id);
  return valuesIn(written).flatMap(({ list, at, value }) => {
    const owner = owners.get(keyOf(list, value));
    const detail = `belongs to tenant "${owner}" already; it can belong to one tenant only. Remove it here or there.`;
    return owner === undefined ? [] : [{ path: [list, at], detail }];
  });
};

const keyOf = (list: string, value: string): string => `${list} ${value.trim().toLowerCase()}`;

/** The texts in the lists of the body, whatever else it holds. */
const valuesIn = (
  written: unknown,
): readonly { readonly list: (typeof lists)[number]; readonly at: number; readonly value: string }[] =>
  lists.flatMap((list) => {
    const values = isObject(written) ? written[list] : undefined;
    if (!Array.isArray(values)) return [];
    return values.flatMap((value: unknown, at) => (typeof value === 'string' ? [{ list, at, value }] : []));
  });

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
