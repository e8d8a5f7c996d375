/** Values that must not be printed, by name. */
export interface Secrets {
  /**
   * The value, and the one before it while a rotation lasts (what was signed with it must still verify).
   * Cached at most 5 minutes; a failed fetch is not remembered.
   * @returns `undefined` when there is no such secret
   * @throws RetryLater when the store does not answer; OperatorMustFix when it refuses
   */
  get(name: 'elasticsearch' | 'rootKey'): Promise<SecretValue | undefined>;
}

export interface SecretValue {
  /** Text; JSON for `elasticsearch` (`{ "apiKey": … }` or `{ "username": …, "password": … }`). */
  readonly current: string;
  readonly previous?: string;
}
