export type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** Work begun ahead of its use: its failure is a value until somebody asks for the result, so none is unobserved. */
export const settled = <T>(promise: Promise<T>): Promise<Settled<T>> =>
  promise.then(
    (value) => ({ ok: true, value }),
    (error: unknown) => ({ ok: false, error }),
  );

export const resultOf = <T>(outcome: Settled<T>): T => {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
};
