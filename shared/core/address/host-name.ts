/**
 * Why a host name may not be a target, whatever it resolves to: it is a name of a private network, or no host name at all. `undefined`: it
 * may.
 *
 * @param name lower-cased, without a trailing dot
 * @see RFC 1035 §2.3.4 (lengths), RFC 6761 (localhost), RFC 6762 (local), RFC 8375 (home.arpa)
 */
export const refusedName = (name: string): string | undefined => {
  const labels = name.split('.');
  const last = labels.at(-1) ?? '';
  if (name.length > 253 || labels.some((label) => label.length < 1 || label.length > 63))
    return 'is not a valid host name';
  if (privateSuffixes.has(last) || name === 'home.arpa' || name.endsWith('.home.arpa'))
    return 'is a name of a private network';
  if (labels.length < 2) return 'is a name of a private network (it has no dot)';
  return undefined;
};

const privateSuffixes: ReadonlySet<string> = new Set([
  'localhost',
  'local',
  'internal',
  'localdomain',
  'lan',
  'intranet',
  'corp',
  'home',
  'private',
]);
