import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.ts';

export interface Progress {
  /** The bar appears at the second call: work that is done at once needs none. */
  readonly at: (done: number, of: number) => void;
  readonly end: () => void;
}

/** A bar on stderr when somebody watches it; otherwise nothing, so that logs stay readable. */
export const progressBar = ({ watched }: Pick<Terminal, 'watched'>, what: string): Progress => {
  if (!watched) return { at: () => {}, end: () => {} };
  const bar = new SingleBar(
    {
      format: `${what} {bar} {percentage}% | {value} of {total}`,
      // The commands handle Ctrl-C themselves.
      gracefulExit: false,
      clearOnComplete: true,
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  let calls = 0;
  return {
    at: (done, of) => {
      calls += 1;
      if (calls === 2) bar.start(of, done);
      if (calls > 2) {
        bar.setTotal(of);
        bar.update(done);
      }
    },
    end: () => bar.stop(),
  };
};
