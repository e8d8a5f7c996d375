import type { Context, Hono } from 'hono';
import * as z from 'zod';
import { BadBody, type BodyMistake } from '../core/bad-body.ts';
import { messageOf, SluiceError } from '../core/errors.ts';
import { problem } from '../core/problem.ts';
import type { Once } from '../flows/manage/audit-journal.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { answerProblem } from './answer-problem.ts';
import { mergedMistakes, mistakesOf } from './body-mistakes.ts';
import { readIfMatch } from './conditions.ts';
import { beginOnce, type Repetition } from './idempotency.ts';
import { onlyMethods } from './only-methods.ts';
import type { OnlyWithKey, WithKey } from './only-with-key.ts';
import type { Asked, Operation, Reply } from './operation.ts';
import { readParameters } from './query-parameters.ts';
import { readJson } from './read-body.ts';
import { nothingHere } from './reply.ts';
import { smallBody } from './small-body.ts';

export interface MountDeps {
  readonly records: RecordStore;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'notice'>;
}

/** Answers these operations, and every other method on their paths with what is allowed there. */
export const mountOperations = <Deps extends MountDeps>(
  app: Hono,
  operations: readonly Operation<Deps>[],
  { deps, onlyWithKey }: { readonly deps: Deps; readonly onlyWithKey: OnlyWithKey },
): void => {
  for (const one of operations) {
    const path = routeOf(one.path);
    app.on(one.method, path, onlyWithKey(...one.scopes), smallBody, (context) => answer(context, deps, one));
  }
  const byPath = Map.groupBy(operations, ({ path }) => path);
  for (const [path, ofPath] of byPath) app.all(routeOf(path), onlyMethods(ofPath.map(({ method }) => method)));
};

const routeOf = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

const answer = async <Deps extends MountDeps>(
  context: Context<WithKey>,
  deps: Deps,
  one: Operation<Deps>,
): Promise<Response> => {
  const key = context.get('key');
  const params = context.req.param() as Readonly<Record<string, string>>;
  // Ids hold only these characters, and not every store takes others.
  if (!Object.values(params).every((id) => /^[\x21-\x7e]{1,200}$/.test(id))) return send(context, nothingHere);
  const query = readParameters(context.req.url, one.query ?? noParameters);
  const bytes = new Uint8Array(await context.req.arrayBuffer());
  const refusedType = bytes.length > 0 ? refusedMediaType(context, one) : undefined;
  if (refusedType) return refusedType;
  const condition = one.ifMatch ? readIfMatch(context.req.header('If-Match'), one.ifMatch) : {};
  if ('refused' in condition) return answerProblem(context, condition.refused);
  const written = bytes.length === 0 ? undefined : readJson(bytes);
  const asked: Asked<unknown, unknown> = {
    caller: { tenant: key.tenant, by: key.id, scopes: key.scopes },
    params,
    query,
    body: checkedBody(deps, one, written),
    written: written ?? {},
    ...condition,
    signal: context.req.raw.signal,
  };
  const idempotencyKey = one.repeatable ? context.req.header('Idempotency-Key') : undefined;
  if (idempotencyKey === undefined) return send(context, await one.handle(deps, asked));

  const path = new URL(context.req.url).pathname;
  const began = await beginOnce(deps, {
    tenant: key.tenant,
    by: key.id,
    key: idempotencyKey,
    method: one.method,
    path,
    body: bytes,
  });
  switch (began.kind) {
    case 'refused':
      return answerProblem(context, began.problem);
    case 'repeated':
      return send(context, began.reply);
    case 'first':
      return send(context, await doOnce(deps, began, (once) => one.handle({ ...deps, once }, asked)));
    default:
      return began satisfies never;
  }
};

/**
 * If the work is done but its answer cannot be stored for repetitions, the answer is sent all the same: an error would make the caller do
 * the work twice. For the same reason the key is released only if nothing was changed.
 */
const doOnce = async (
  { telemetry }: MountDeps,
  began: Extract<Repetition, { readonly kind: 'first' }>,
  handle: (once: Once) => Promise<Reply>,
): Promise<Reply> => {
  const kept = async (keep: Promise<void>): Promise<void> => {
    try {
      await keep;
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      telemetry.notice('warn', `An answer could not be kept for a repetition of its request: ${messageOf(error)}`);
    }
  };
  let mayBeDone = false;
  const once: Once = {
    changing: async () => {
      await began.changing();
      mayBeDone = true;
    },
    notChanged: () => {
      mayBeDone = false;
    },
  };
  let reply: Reply;
  try {
    reply = await handle(once);
  } catch (error) {
    if (!mayBeDone) await kept(began.release());
    throw error;
  }
  if (reply.status < 300) await kept(began.finish(reply));
  else if (!mayBeDone) await kept(began.release());
  return reply;
};

const noParameters = z.strictObject({}, { error: () => 'none' });

const checkedBody = <Deps>(deps: Deps, one: Operation<Deps>, written: unknown): unknown => {
  const { body: schema = noParameters, bodyIs = one.body ? 'needed' : 'optional' } = one;
  const parsed = schema.safeParse(bodyIs === 'optional' ? (written ?? {}) : written);
  if (parsed.success) return parsed.data;
  const domain: readonly BodyMistake[] = one.alsoWrong?.(deps, written) ?? [];
  const [first, ...others] = mergedMistakes(mistakesOf(parsed.error, written), domain);
  if (!first) throw new TypeError('a schema that refuses says why');
  throw new BadBody([first, ...others]);
};

const refusedMediaType = (context: Context<WithKey>, one: Pick<Operation<never>, 'bodyIs'>): Response | undefined => {
  const [type = '', ...parameters] = (context.req.header('Content-Type') ?? '').toLowerCase().split(';');
  const types = ['application/json', ...(one.bodyIs === 'merge patch' ? ['application/merge-patch+json'] : [])];
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith('charset='));
  const encoding = context.req.header('Content-Encoding') ?? 'identity';
  const isReadable =
    types.includes(type.trim()) &&
    (charset === undefined || /^charset="?utf-8"?$/.test(charset)) &&
    encoding.toLowerCase() === 'identity';
  if (isReadable) return undefined;
  if (one.bodyIs === 'merge patch') context.header('Accept-Patch', types.join(', '));
  return answerProblem(
    context,
    problem('unsupported-media-type', `Send it with Content-Type: ${types.at(-1)}, in UTF-8 and not compressed.`),
  );
};

const send = (context: Context, { status, body, headers = {} }: Reply): Response => {
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  // The statuses are those that the operations document.
  context.status(status as Parameters<typeof context.status>[0]);
  if (body === undefined) return context.body(null);
  if (body instanceof Uint8Array) return context.body(body as Uint8Array<ArrayBuffer>);
  if (!('Content-Type' in headers)) context.header('Content-Type', 'application/json');
  return context.body(`${JSON.stringify(body)}\n`);
};
