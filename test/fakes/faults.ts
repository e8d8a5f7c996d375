import { RetryLater } from '../../shared/core/errors.ts';

/** Where an answer is lost: before the call took effect, or after. The caller sees the same `RetryLater`. */
export type FaultPoint = 'before' | 'after';

export interface Faults<Operation extends string> {
  /** The next call (of `operation`, when given) loses its answer. Calls add up: twice means the next two. */
  failNext(point: FaultPoint, operation?: Operation): void;
  /** Asked for every call from now on: where it fails, if it does. For properties that fail at random or at the n-th step. */
  failWhen(decide: (operation: Operation, target: string) => FaultPoint | undefined): void;
}

/** Wraps the operations of a fake so that their answers can be lost. */
export const faultKnobs = <Operation extends string>() => {
  const planned: { readonly point: FaultPoint; readonly operation: Operation | undefined }[] = [];
  let decide: (operation: Operation, target: string) => FaultPoint | undefined = () => undefined;

  const pointOf = (operation: Operation, target: string): FaultPoint | undefined => {
    const index = planned.findIndex((fault) => fault.operation === undefined || fault.operation === operation);
    return index === -1 ? decide(operation, target) : planned.splice(index, 1)[0]?.point;
  };

  return {
    knobs: {
      failNext: (point, operation) => void planned.push({ point, operation }),
      failWhen: (next) => {
        decide = next;
      },
    } satisfies Faults<Operation>,

    /** Runs `effect`, unless a fault comes before it; a fault after it hides its answer. */
    call: async <T>(operation: Operation, target: string, effect: () => T | Promise<T>): Promise<T> => {
      const point = pointOf(operation, target);
      if (point === 'before') throw new RetryLater(`${operation} ${target}: no answer (lost before it took effect).`);
      const answer = await effect();
      if (point === 'after') throw new RetryLater(`${operation} ${target}: no answer (lost after it took effect).`);
      return answer;
    },
  };
};
