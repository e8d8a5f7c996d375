import type * as z from 'zod';
import type { Scope } from '../core/api-key.ts';
import type { BodyMistake } from '../core/bad-body.ts';
import type { Caller } from '../flows/manage/caller.ts';

/** One call of the API: the schemas that check its input also document it, and `handle` answers it. `Deps` is what `handle` works with. */
export interface Operation<Deps, Query = unknown, Body = unknown> extends ToldOperation<Query, Body> {
  readonly scopes: Scopes;
  /** Mistakes by the rules of the domain in a body that the schema `body` has refused already, so that all mistakes are reported at once. */
  readonly alsoWrong?: (deps: NoInfer<Deps>, written: unknown) => readonly BodyMistake[];
  readonly handle: (deps: Deps, request: Asked<Query, Body>) => Promise<Reply>;
}

/** The part of a call that goes into the OpenAPI document; requests are checked by the same values. */
export interface ToldOperation<Query = unknown, Body = unknown> extends OperationDocs {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As OpenAPI writes it: `/v1/subscriptions/{id}`. */
  readonly path: string;
  /** The key must have one of these; absent: anybody may call it. */
  readonly scopes?: Scopes;
  /** Strict: a parameter that it does not know is a mistake. Absent: none is taken. */
  readonly query?: z.ZodType<Query>;
  /** Absent: a body, if there is one, must be an empty object. */
  readonly body?: z.ZodType<Body>;
  /** `optional`: it may be left out, and then is `{}`; `merge patch`: of the media type of RFC 7396. */
  readonly bodyIs?: 'needed' | 'optional' | 'merge patch';
  /** Whether `If-Match` must name the version that is changed, or may. */
  readonly ifMatch?: 'needed' | 'optional';
  /** Takes an `Idempotency-Key`. */
  readonly repeatable?: true;
}

type Scopes = readonly [Scope, ...Scope[]];

export interface OperationDocs {
  /** `operationId`: `createSubscription`. */
  readonly name: string;
  readonly tag: 'Events' | 'Subscriptions' | 'Deliveries' | 'Poll' | 'Keys' | 'Tenants' | 'Audit' | 'Status';
  /** One line. */
  readonly summary: string;
  /** For people, Markdown. */
  readonly description?: string;
  /** Of the path's parameters, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** By status; what every operation can answer (401, 403, 429 …) is added. */
  readonly answers: Readonly<Record<number, DocumentedAnswer>>;
}

export interface DocumentedAnswer {
  readonly description: string;
  /** Absent: no body. */
  readonly schema?: z.ZodType;
  readonly headers?: readonly (keyof typeof documentedHeaders)[];
  readonly mediaType?: string;
}

/** The headers that answers may have, with their descriptions. */
export const documentedHeaders = {
  ETag: 'The version: send it as If-Match with a change.',
  Location: 'Where it can be read.',
  'Webhook-Id': 'Of the batch; what the next request acknowledges.',
  'Webhook-Timestamp': 'Seconds since 1970, signed.',
  'Webhook-Signature': 'As a webhook is signed.',
  Link: 'Of the next page, `rel="next"`.',
  'Sluice-Next': '`next` where the answer is lines.',
  'Sluice-Progress': 'How much of the time asked for lies behind, from 0 to 1, and up to when.',
  'Sluice-Acknowledged': 'What became of `ack`: `now`, or `before` when it is repeated.',
} as const;

/** A request that has been checked. */
export interface Asked<Query, Body> {
  readonly caller: Caller;
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** The body as it was written. */
  readonly written: unknown;
  /** The version in `If-Match`; absent: the header is `*`, or was left out where it may be. */
  readonly expected?: number;
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  /** A JSON value; bytes are sent as they are. Absent: no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** For inference of what `handle` receives. */
export const operation = <Deps, Query, Body>(told: Operation<Deps, Query, Body>): Operation<Deps> =>
  // Only `mountOperation` calls `handle`, and only with what these very schemas have let through.
  told as unknown as Operation<Deps>;
