/**
 * What a management call comes to. Everything that is expected is one of these values; mistakes in a body are a `BadBody`, and what the
 * caller cannot help is thrown (`RetryLater`, `OperatorMustFix`).
 */
export type Answer<Value> = { readonly kind: 'done'; readonly value: Value } | Refusal;

export type Refusal =
  /** There is no such thing, or it is another tenant's: nobody can tell which. */
  | { readonly kind: 'not found' }
  /** It is not the version that the caller has seen (`expected`): read again and decide anew. */
  | { readonly kind: 'changed elsewhere'; readonly version: number }
  | {
      readonly kind: 'refused';
      readonly reason: RefusalReason;
      /** What stands against it and what to do, for the caller. */
      readonly detail: string;
      /** With `not now`: when it may be asked for again. */
      readonly retryAfterMs?: number;
    };

export type RefusalReason =
  /** The settings' file says so: its tenant sees it, and its operator changes it there. */
  | 'kept in the file'
  /** A limit is reached that waiting does not lift. */
  | 'too many'
  /** Too often, or somebody else is at it. */
  | 'not now'
  /** As it is now there is nothing to do it to. */
  | 'wrong state'
  /** The journal does not hold it any more. */
  | 'not in the journal'
  /** The caller's own key does not allow it. */
  | 'not allowed';

export const done = <Value>(value: Value): Answer<Value> => ({ kind: 'done', value });

/** Whether a step of a call came to a refusal. Whatever else a step comes to has no `kind`; an `Answer` has one either way. */
export const isRefusal = (value: object): value is Refusal => 'kind' in value;

export const notFound: Refusal = { kind: 'not found' };

export const changedElsewhere = (version: number): Refusal => ({ kind: 'changed elsewhere', version });

export const refused = (reason: Exclude<RefusalReason, 'not now'>, detail: string): Refusal => ({
  kind: 'refused',
  reason,
  detail,
});

export const notNow = (detail: string, retryAfterMs: number): Refusal => ({
  kind: 'refused',
  reason: 'not now',
  detail,
  retryAfterMs,
});
