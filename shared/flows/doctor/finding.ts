import { messageOf, SluiceError } from '../../core/errors.ts';

export type Verdict = 'ok' | 'warning' | 'problem';

/** One line of `doctor`. Scripts read it as JSON: names of checks and verdicts stay. */
export interface Finding {
  /** What was looked at, `group/part`: `elasticsearch/clock`. */
  readonly check: string;
  /** `warning`: it works, and will not always. `problem`: something does not work, or would lose events. */
  readonly verdict: Verdict;
  /** What was found, with its values; never a secret. */
  readonly message: string;
  /** What to do; `null` when there is nothing to do. */
  readonly remedy: string | null;
}

export const ok = (check: string, message: string): Finding => ({ check, verdict: 'ok', message, remedy: null });

export const warning = (check: string, message: string, remedy: string): Finding => ({
  check,
  verdict: 'warning',
  message,
  remedy,
});

export const problem = (check: string, message: string, remedy: string): Finding => ({
  check,
  verdict: 'problem',
  message,
  remedy,
});

/** Our errors say what happened and then what to do: the first sentence is the message, the rest the remedy. */
export const problemOf = (check: string, error: unknown): Finding => {
  const text = messageOf(error);
  if (!(error instanceof SluiceError))
    return problem(check, `It could not be checked: ${text}`, 'This is a mistake in Sluice: report it with this line.');
  const [, message = text, remedy] = /^([\s\S]*?\.)\s+(?=[A-Z])([\s\S]*)$/.exec(text) ?? [];
  return problem(
    check,
    message,
    remedy ??
      (error.actor === 'next-run'
        ? 'Look whether it runs and can be reached from here, then run doctor again.'
        : 'Mend what it names.'),
  );
};

export const worstOf = (findings: readonly Finding[]): Verdict =>
  findings.some(({ verdict }) => verdict === 'problem')
    ? 'problem'
    : findings.some(({ verdict }) => verdict === 'warning')
      ? 'warning'
      : 'ok';

/** Leaves out a problem that was said before in the same words: one cause is met by many checks. */
export const saidOnce = (): ((findings: readonly Finding[]) => readonly Finding[]) => {
  const said = new Set<string>();
  return (findings) =>
    findings.filter(({ verdict, message }) => {
      if (verdict !== 'problem') return true;
      const isNew = !said.has(message);
      said.add(message);
      return isNew;
    });
};
