/** Which key names hold personal data: those that the catalogue lists for any action, and other usual names for the same things. */
import { actions } from '../catalogue/actions.ts';

const normalised = (key: string): string => key.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Words that count only as a whole key: within another word they mean something else (`name` in `hostname`). */
const exact: ReadonlySet<string> = new Set([
  ...actions.flatMap(({ pii }) => pii.map(normalised)),
  'name',
  'username',
  'login',
  'nick',
  'ip',
  'address',
  'mobile',
  'tel',
  'fax',
  'msisdn',
]);

const parts = [
  'email',
  'phone',
  'firstname',
  'lastname',
  'middlename',
  'givenname',
  'familyname',
  'surname',
  'fullname',
  'displayname',
  'nickname',
  'realname',
  'ipaddress',
  'remoteaddr',
  'clientip',
  'sourceip',
  'forwardedfor',
  'avatar',
] as const;

const levels = /[.[\]/: ]/;

const longestKey = 128;
const mostKeys = 10_000;
const judged = new Map<string, boolean>();

/** Case, and signs other than letters and digits, make no difference. */
export const isPersonalName = (key: string): boolean => {
  const before = judged.get(key);
  if (before !== undefined) return before;
  const name = normalised(key);
  const verdict =
    exact.has(name) ||
    parts.some((part) => name.includes(part)) ||
    // `customer.name`, `user[login]`: the levels of a path.
    (levels.test(key) && key.split(levels).some((level) => exact.has(normalised(level))));
  // The memory is bounded, because the author of a body chooses its keys.
  if (key.length <= longestKey && judged.size < mostKeys) judged.set(key, verdict);
  return verdict;
};
