/** The known name closest to a misspelt or cut-off one, for "did you mean"; `undefined` when none is near. */
export const nearestName = (wrong: string, known: readonly string[]): string | undefined => {
  const most = Math.max(2, Math.floor(wrong.length / 4));
  let nearest: string | undefined;
  let fewest = most + 1;
  for (const name of known) {
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance < fewest) [nearest, fewest] = [name, distance];
  }
  return nearest ?? known.find((name) => wrong.length > 3 && name.toLowerCase().startsWith(wrong.toLowerCase()));
};

/** Levenshtein distance: insertions, deletions and replacements, one row of the table at a time. */
const editDistance = (a: string, b: string): number => {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
};
