import { good, type Reading, type Setting, wrong } from './setting.ts';

export interface WholeNumber extends Setting<number> {
  /** What holds when it is not set. */
  readonly usual: number;
}

interface Limits {
  readonly from: number;
  readonly to: number;
  readonly usual: number;
  /** What a limit means, after the range: `0 takes any free port`. */
  readonly note?: string;
  /** Absent: the usual value. */
  readonly example?: number;
  readonly unit?: Setting<number>['unit'];
  readonly consequence: string;
}

/** A setting that is a whole number, with both limits allowed. */
export const wholeNumber = ({ from, to, usual, note, example = usual, unit, consequence }: Limits): WholeNumber => ({
  type: 'whole number',
  ...(unit && { unit }),
  default: `\`${usual}\``,
  usual,
  allowed: `${from} to ${to}${note === undefined ? '' : `; ${note}`}`,
  consequence,
  example: String(example),
  read: (text): Reading<number> => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= from && value <= to
      ? good(value)
      : wrong(`must be a whole number from ${from} to ${to}`, `Write digits, for example ${example}.`);
  },
});
