/** What one setting is. */
/** One environment variable: all that the reader, the README's table and the error messages know about it. */
export interface Setting<Value> {
  /** What kind of text it holds, in words: `whole number`, `URL`. */
  readonly type: string;
  /** Absent: a text without unit. */
  readonly unit?: 'seconds' | 'hours';
  /** What holds when it is not set, for the README. */
  readonly default: string;
  readonly allowed: string;
  /** What changes for the operator. */
  readonly consequence: string;
  readonly example: string;
  /** Its value is never printed. */
  readonly secret?: true;
  readonly read: (text: string, cwd: string) => Reading<Value>;
}

/** `must` follows the setting's name, `write` is the advice: `SLUICE_X must be …; got "…". Write …` */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly must: string; readonly write: string };

export const good = <Value>(value: Value): Reading<Value> => ({ ok: true, value });
export const wrong = (must: string, write: string): Reading<never> => ({ ok: false, must, write });
