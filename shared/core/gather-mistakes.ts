import { BadParameters, type Mistake } from './bad-parameters.ts';
import { BadRequest } from './errors.ts';

/** Reads a question piece by piece and keeps what is wrong with each, so that the caller is told everything at once. */
export interface Gathering {
  /** @returns `undefined` when the piece is wrong */
  read<Value>(work: () => Value): Value | undefined;
  /** @throws BadParameters with every mistake that was met */
  end(): void;
}

export const gatherMistakes = (): Gathering => {
  const mistakes: Mistake[] = [];
  return {
    read: (work) => {
      try {
        return work();
      } catch (error) {
        if (error instanceof BadParameters) mistakes.push(...error.mistakes);
        else if (error instanceof BadRequest) mistakes.push({ field: error.field, detail: error.message });
        else throw error;
        return undefined;
      }
    },
    end: () => {
      const [first, ...others] = mistakes;
      if (first) throw new BadParameters([first, ...others]);
    },
  };
};
