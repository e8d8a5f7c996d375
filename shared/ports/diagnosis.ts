/**
 * What the parts say of themselves when `doctor` asks. Asking changes nothing: no record, object, index or request to a customer comes of
 * it. An answer is a value, whatever it says; `RetryLater` and `OperatorMustFix` are thrown as by the part itself.
 */
import type { Instant } from '../core/instant.ts';
import type { BlobStore } from './blob-store.ts';
import type { RecordStore } from './record-store.ts';

/** Credentials may not see everything: what is hidden is no fault, but nothing is known of it. */
export type Seen<Value> =
  | { readonly kind: 'seen'; readonly value: Value }
  | { readonly kind: 'hidden'; readonly reason: string };

export interface ElasticsearchDiagnosis {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly index: string;
  readonly timeField: string;
  /** @throws OperatorMustFix no Elasticsearch, unknown host, refused credentials; RetryLater no answer */
  server(): Promise<ServerFacts>;
  privileges(): Promise<PrivilegeFacts>;
  /** Of every index the pattern matches, those of data streams and aliases too; remote ones are not among them. */
  indices(): Promise<Seen<readonly IndexFacts[]>>;
  /** Types of each field by index; an index that lacks the field has it as `unmapped`. */
  fields(names: readonly string[]): Promise<readonly FieldFacts[]>;
  /** Whether searches may be narrowed: by an odd mapping, told in words, a clause could leave out what a document holds. */
  mapping(): Promise<Seen<{ readonly odd?: string }>>;
  health(): Promise<Seen<HealthFacts>>;
  /** One search of the whole pattern, with the server's own clock in its answer. */
  glance(): Promise<GlanceFacts>;
}

export interface ServerFacts {
  /** `8.19.21`; absent when the credentials may not see it. */
  readonly version?: string;
  /** `default`, or `serverless`. */
  readonly flavour?: string;
}

/** `no security`: everybody who reaches the server may do anything. */
export type PrivilegeFacts =
  | { readonly kind: 'no security' }
  | { readonly kind: 'hidden'; readonly reason: string }
  | {
      readonly kind: 'seen';
      readonly user: string;
      readonly held: readonly string[];
      readonly missing: readonly string[];
    };

export interface IndexFacts {
  readonly name: string;
  readonly state: 'open' | 'closed';
  /** The stream whose backing index it is. */
  readonly dataStream?: string;
  /** Absent: settings may not be seen. `never`: nothing becomes visible by itself. */
  readonly refreshMs?: number | 'never';
  readonly source?: 'kept' | 'synthetic' | 'disabled';
}

export interface FieldFacts {
  readonly name: string;
  /** Indices by type; all of them when the list is absent. */
  readonly types: Readonly<Record<string, readonly string[] | undefined>>;
}

export interface HealthFacts {
  readonly status: string;
  readonly nodes: number;
  /** Indices with a shard that nobody holds. */
  readonly red: readonly string[];
  /** Indices that lack a copy. */
  readonly yellow: readonly string[];
}

export interface GlanceFacts {
  readonly documents: number;
  /** The server's clock, and ours in the middle of the exchange; epoch ms. */
  readonly serverMs?: number;
  readonly oursMs: number;
  /** How long the exchange took: the difference of the clocks is known to half of it. */
  readonly tookMs: number;
}

/** One file of an NDJSON log. */
export interface LogFileFacts {
  readonly name: string;
  readonly bytes: number;
  /** Absent when the file holds no line. */
  readonly first?: LogLineFacts;
  readonly last?: LogLineFacts;
}

export interface LogLineFacts {
  readonly readable: boolean;
  readonly time?: Instant;
}

export interface LogDiagnosis {
  readonly path: string;
  readonly timeField: string;
  files(): Promise<readonly LogFileFacts[]>;
}

/** A folder, and what is around it. */
export interface FolderFacts {
  readonly state: 'folder' | 'absent' | 'no folder';
  readonly path: string;
  /** May this user write there; of an absent one: may it be made. */
  readonly writable: boolean;
  /** Of its disk, for this user. */
  readonly freeBytes: number;
}

export interface StateDiagnosis {
  readonly description: string;
  look(): Promise<StateFacts>;
  /** The records, without a right to write: both writing methods throw. Only after `look` found the state `there`. */
  readonly records: RecordStore;
}

export type StateFacts =
  /** Nothing is there yet; the first pull makes it. */
  | { readonly kind: 'absent'; readonly folder: FolderFacts }
  | { readonly kind: 'there'; readonly bytes?: number; readonly writable?: boolean; readonly folder?: FolderFacts };

export interface JournalDiagnosis {
  readonly store: BlobStore;
  /** Absent: not a folder of this machine. */
  folder?(): Promise<FolderFacts>;
}

export type QueueFacts =
  | { readonly kind: 'inline' }
  | { readonly kind: 'sqs'; readonly waiting: number; readonly underWay: number; readonly deadLetters: 'set' | 'none' };

export interface QueueDiagnosis {
  look(): Promise<Seen<QueueFacts>>;
}

/** Where a subscription's batches go, as far as it can be seen without sending anything. */
export interface DestinationDiagnosis {
  /** Without path or secret. */
  readonly description: string;
  look(signal: AbortSignal): Promise<DestinationFacts>;
}

export type DestinationFacts =
  /** A connection was made, over TLS unless `certificateEndsMs` is absent, and closed. Nothing was sent. */
  | { readonly kind: 'connected'; readonly address: string; readonly certificateEndsMs?: number }
  /** `remedy`: who must act, and how. */
  | { readonly kind: 'unreachable'; readonly reason: string; readonly remedy: string }
  | { readonly kind: 'folder'; readonly folder: FolderFacts }
  | { readonly kind: 'bucket' }
  /** The customer fetches: there is nowhere to go. */
  | { readonly kind: 'poll' }
  | { readonly kind: 'hidden'; readonly reason: string };
