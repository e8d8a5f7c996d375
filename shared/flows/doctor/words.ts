/** The first few names, and how many more there are. */
export const some = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;

export const count = (many: number, one: string, more = `${one}s`): string =>
  `${many.toLocaleString('en-US').replaceAll(',', ' ')} ${many === 1 ? one : more}`;

/** For people: `820 KB`, `3.4 GB`. */
export const bytes = (amount: number): string => {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let size = amount;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit += 1) size /= 1000;
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
};
