/**
 * The terms of the system as plain values.
 *
 * `Hit` is what a source returns, as it was written there: untrusted, unredacted, never stored or printed. `EcsEvent` is made from it:
 * lifted out of `message`, redacted, in Elastic Common Schema nested form (https://www.elastic.co/docs/reference/ecs).
 */
import type { Instant } from './instant.ts';

export interface Hit {
  readonly _index: string;
  readonly _id: string;
  readonly _source?: unknown;
  readonly fields?: unknown;
  /** Sort values as the server formatted them; `[0]` is the time field, `null` when the document has none. */
  readonly sort?: readonly unknown[];
}

/** Every field used exists in ECS 1.9 and 9.4. Unknown source fields live under `closer`, our own flags under `labels`. */
export interface EcsEvent {
  readonly '@timestamp'?: string;
  readonly ecs: { readonly version: string };
  readonly message?: string;
  readonly event: {
    readonly kind: string;
    readonly category?: readonly string[];
    readonly type?: readonly string[];
    readonly action?: string;
    readonly outcome?: string;
    readonly id: string;
    readonly module: 'closer';
    readonly dataset: 'closer.security';
    readonly provider: 'closer';
    readonly created: string;
  };
  readonly user?: {
    readonly id?: string;
    readonly email?: string;
    readonly roles?: readonly string[];
    readonly target?: { readonly id?: string };
  };
  readonly organization?: { readonly id?: string };
  readonly http?: {
    readonly request?: {
      readonly method?: string;
      readonly body?: { readonly content?: string; readonly bytes?: number };
    };
    readonly response?: {
      readonly status_code?: number;
      readonly body?: { readonly content?: string; readonly bytes?: number };
    };
  };
  readonly source?: { readonly address?: string; readonly ip?: string };
  readonly url?: {
    readonly full?: string;
    readonly original?: string;
    readonly scheme?: string;
    readonly domain?: string;
    readonly port?: number;
    readonly path?: string;
    readonly query?: string;
  };
  readonly related?: { readonly user?: readonly string[]; readonly ip?: readonly string[] };
  readonly error?: { readonly message?: string };
  readonly observer: { readonly vendor: 'Closer'; readonly product: 'Closer' };
  readonly labels?: Readonly<Record<string, string>>;
  readonly closer?: Readonly<Record<string, unknown>>;
}

/** The name of the block of events that belong to no known tenant. No tenant id can look like it. */
export const unattributed = '_unattributed';

/** The tenant of an operator's subscription: every event, the unattributed ones too. */
export const everyTenant = '*';

export const tenantIdShape = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** One hit after reading, redaction and attribution: all that the journal needs. */
export interface ReadEvent {
  /** 128-bit key of `_index` + `_id`, data-stream backing indices by their stream's name; 22 base64url characters. */
  readonly key: string;
  /** The source's time field; `undefined` if it is missing or unreadable; then the event does not influence the checkpoint. */
  readonly time: Instant | undefined;
  /** Of an event of several times, the last of them. */
  readonly lastTime?: Instant;
  /** A tenant id, or `unattributed`. */
  readonly tenant: string;
  readonly event: EcsEvent;
  /** How many values were replaced. */
  readonly redactions: number;
}
