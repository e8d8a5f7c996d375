/**
 * Small JSON records with versions: checkpoints, subscription states, dead letters, API keys.
 *
 * Reads are consistent: a `get` after a successful `compareAndSet` by anyone sees it. Of several concurrent `compareAndSet` calls that
 * expect the same version exactly one is told `stored`. A record is at most 100 KB as JSON.
 * Partitions and ids are 1 to 512 bytes of UTF-8; ids order by bytes.
 */
export interface RecordStore {
  /** For messages: `SQLite .sluice/state.sqlite`, `DynamoDB table sluice-dev-state`. */
  readonly description: string;
  get(partition: string, id: string): Promise<StoredRecord | undefined>;
  /**
   * Writes when the stored version is `expected` (0: when there is no record yet); the new version is `expected + 1`.
   * @returns `conflict` when another version is stored; read again and decide anew
   * @throws RetryLater when it is not known whether the record was written; read again
   * @throws OperatorMustFix no permission, no such table, disk full, file is not a database
   */
  compareAndSet(record: RecordWrite, expected: number): Promise<'stored' | 'conflict'>;
  /** Removes a record when its version is `expected`. */
  remove(partition: string, id: string, expected: number): Promise<'removed' | 'conflict'>;
  /** Records of a partition with `from <= id < to`, by id, at most `limit` (1 to 1000). */
  range(
    partition: string,
    options: { readonly from?: string; readonly to?: string; readonly limit: number },
  ): Promise<readonly StoredRecord[]>;
  /** Ids of a partition's records whose `dueAtMs` is at or before `untilMs`, earliest first; read from an index, may lag by a second. */
  due(partition: string, untilMs: number, limit: number): Promise<readonly string[]>;
}

export interface RecordWrite {
  readonly partition: string;
  readonly id: string;
  /** A JSON value. */
  readonly value: unknown;
  /** When the record is due, epoch ms; absent: it is not in the due index. */
  readonly dueAtMs?: number;
  /**
   * From when on nobody needs it, epoch ms, rounded up to whole seconds: every method then takes it for absent, and it is removed some time
   * later. One that expires is not worth a flush to the disk: a power failure may take it. Never together with `dueAtMs`. Absent: kept,
   * and durable.
   */
  readonly expiresAtMs?: number;
}

/** `value` is `undefined` when what is stored is no JSON any more: it is damaged, which is not to be taken for absent. */
export interface StoredRecord extends RecordWrite {
  readonly version: number;
}
