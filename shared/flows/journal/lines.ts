/** The lines of an NDJSON block, found once: the n-th is `bytes[starts[n] .. starts[n + 1] - 1]`, its line break left out. */
export interface Lines {
  readonly bytes: Uint8Array;
  /** `count + 1` offsets. */
  readonly starts: Uint32Array;
  readonly count: number;
}

export const noLines: Lines = { bytes: new Uint8Array(), starts: new Uint32Array(1), count: 0 };

/** @returns `undefined` when the block does not hold exactly `count` whole lines: it is not what was appended */
export const linesOf = (bytes: Uint8Array, count: number): Lines | undefined => {
  const starts = new Uint32Array(count + 1);
  let at = 0;
  for (let line = 1; line <= count; line += 1) {
    const end = bytes.indexOf(10, at);
    if (end < 0) return undefined;
    at = end + 1;
    starts[line] = at;
  }
  return at === bytes.length ? { bytes, starts, count } : undefined;
};

export const lineAt = ({ bytes, starts }: Lines, index: number): Uint8Array =>
  bytes.subarray(starts[index] ?? 0, (starts[index + 1] ?? 1) - 1);
