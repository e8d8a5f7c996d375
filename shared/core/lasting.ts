const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A duration for people, in its largest whole unit: `3 d`, `5 min`, `0 s`. */
export const lasting = (ms: number): string => {
  const [unit, size] = units.find(([, each]) => ms >= each) ?? (['s', 1000] as const);
  return `${Math.floor(ms / size)} ${unit}`;
};
