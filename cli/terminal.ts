/** What a command sees of the world it was typed in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths begin, absolute. */
  readonly cwd: string;
  /** A line of the result, on stdout: what a script reads. */
  readonly print: (line: string) => void;
  /** Resolves when all that was printed is written. @throws OperatorMustFix when stdout does not take it. Absent: it always does. */
  readonly written?: () => Promise<void>;
  /** A line for people, on stderr: progress, explanations, mistakes. */
  readonly say: (line: string) => void;
  /** All of stdin, to its end; `undefined` if it is longer than `mostBytes`. Absent: there is no input. */
  readonly input?: (mostBytes: number) => Promise<string | undefined>;
  /** Somebody watches stderr, so a progress bar makes sense. */
  readonly watched: boolean;
  /** Stdout is a terminal: somebody reads it there. Absent: a file or another program does. */
  readonly interactive?: boolean;
  /** Stdout shows colours: a terminal that can, and nobody has set NO_COLOR. */
  readonly coloured?: boolean;
  /** Calls back at each Ctrl-C or `kill`; the returned function stops listening. */
  readonly onStop: (callback: () => void) => () => void;
  /** Ends the process whatever is under way. */
  readonly exitNow: (code: number) => void;
}
