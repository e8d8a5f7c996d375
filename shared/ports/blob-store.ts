/**
 * Immutable objects under names. The journal and the folder and S3 destinations are built on it.
 *
 * Nothing is ever overwritten: `putIfAbsent` is the only write, and of any number of concurrent writers of one name exactly
 * one is told `created`. A reader sees a whole object or none, also after a crash of the writer.
 * Names are `/`-separated, at most 512 bytes, of `A-Z a-z 0-9 . _ = - : /`, no segment is `.`, `..` or empty.
 */
export interface BlobStore {
  /** For messages: `folder .sluice/journal`, `s3://bucket/prefix`. */
  readonly description: string;
  /**
   * @returns `created` when this call made the object durable, `exists` when the name is taken (by whatever content)
   * @throws RetryLater when it is not known whether the object was written; calling again is safe
   * @throws OperatorMustFix no permission, no such bucket, disk full
   */
  putIfAbsent(name: string, bytes: Uint8Array, metadata?: BlobMetadata): Promise<'created' | 'exists'>;
  /** The object, or `length` bytes of it from `offset`; `undefined` when there is none. */
  get(name: string, range?: { readonly offset: number; readonly length: number }): Promise<Uint8Array | undefined>;
  /** Names that begin with `prefix`, in byte order, after `after` (exclusive), at most `limit` (1 to 1000). */
  list(prefix: string, options: { readonly after?: string; readonly limit: number }): Promise<readonly string[]>;
}

export interface BlobMetadata {
  /** For example `application/x-ndjson`. */
  readonly contentType?: string;
  readonly contentEncoding?: 'gzip';
}
