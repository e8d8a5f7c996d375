import { hash, randomBytes } from 'node:crypto';
import { nonceBytes, openAnswer, sealAnswer } from '../core/answer-seal.ts';
import { OperatorMustFix, RetryLater } from '../core/errors.ts';
import { type Problem, problem } from '../core/problem.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Reply } from './operation.ts';

/** Longer than any request takes: a process that has not ended it by then has died. */
const underWayMs = 60_000;
export const rememberedMs = 24 * 3_600_000;
const maxKeyLength = 255;

export const idempotencyPartition = (tenant: string): string => `idempotency/${tenant}`;

/** The first request under a key, or what is to be answered instead of doing it again. */
export type Repetition =
  | {
      readonly kind: 'first';
      /**
       * To be called before the change is written. From then on no repetition is done, whatever becomes of the request.
       * @throws RetryLater if a repetition began anew, because the request took over a minute to come this far
       */
      changing(): Promise<void>;
      finish(reply: Reply): Promise<void>;
      /** For a request that changed nothing: its key is free again. */
      release(): Promise<void>;
    }
  | { readonly kind: 'repeated'; readonly reply: Reply }
  | { readonly kind: 'refused'; readonly problem: Problem };

interface Deps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly secrets: Secrets;
}

interface Remembered {
  /** Of method, path and body. */
  readonly request: string;
  /** Until then the request counts as under way, epoch ms. */
  readonly untilMs?: number;
  /** The change may have been made. */
  readonly mayBeDone?: true;
  /** The answer, sealed for tenant and key, because it may hold a secret that is shown only once. */
  readonly sealed?: string;
}

/**
 * Lets a request that carries an `Idempotency-Key` happen at most once in 24 hours: a repetition is given the first answer.
 *
 * Only answers of 2xx are remembered. A request that failed before it changed anything can be repeated at once, and one that died then after a
 * minute. If a request failed or died later, nobody can tell whether its change was made: a repetition is refused for the 24 hours and told to
 * look first, because a second subscription or secret does more harm than a look. Of the key only a hash is stored. Two API keys may use the
 * same idempotency key independently.
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07
 */
export const beginOnce = async (
  deps: Deps,
  asked: {
    readonly tenant: string;
    /** Id of the API key: an answer that this key may read again may hold what another key of the tenant may not see. */
    readonly by: string;
    readonly key: string;
    readonly method: string;
    readonly path: string;
    readonly body: Uint8Array;
  },
): Promise<Repetition> => {
  const { records, clock } = deps;
  const text = keyText(asked.key);
  if (text === undefined) return { kind: 'refused', problem: badKey };
  const partition = idempotencyPartition(asked.tenant);
  const id = hash('sha256', `${asked.by}\n${text}`, 'base64url');
  const request = hash(
    'sha256',
    Buffer.concat([Buffer.from(`${asked.method} ${asked.path}\n`), asked.body]),
    'base64url',
  );
  const known = await records.get(partition, id);
  const before = known?.value as Remembered | undefined;
  if (before && before.request !== request) return { kind: 'refused', problem: otherRequest };
  if (before?.sealed !== undefined) {
    const { current, previous } = await rootKeyOf(deps.secrets);
    const bound = { tenant: asked.tenant, id };
    const opened =
      openAnswer(current, bound, before.sealed) ?? (previous && openAnswer(previous, bound, before.sealed));
    if (!opened) return { kind: 'refused', problem: doneBefore };
    const reply = opened as Reply;
    return { kind: 'repeated', reply: { ...reply, headers: { ...reply.headers, 'Idempotent-Replayed': 'true' } } };
  }
  if (before?.untilMs !== undefined && clock.nowMs() < before.untilMs) return { kind: 'refused', problem: underWay };
  if (before?.mayBeDone) return { kind: 'refused', problem: mayBeDone };

  let version = known?.version ?? 0;
  const write = (value: Remembered, expected: number) =>
    records.compareAndSet({ partition, id, value, expiresAtMs: clock.nowMs() + rememberedMs }, expected);
  const untilMs = clock.nowMs() + underWayMs;
  if ((await write({ request, untilMs }, version)) === 'conflict') return { kind: 'refused', problem: underWay };
  version += 1;
  let isChanging = false;
  return {
    kind: 'first',
    changing: async () => {
      if (isChanging) return;
      if ((await write({ request, untilMs, mayBeDone: true }, version)) === 'conflict')
        throw new RetryLater('The request took over a minute and was begun anew. This one changed nothing.');
      version += 1;
      isChanging = true;
    },
    // If one of these writes loses its race, the request changed nothing for over a minute and a repetition began anew; then the answer of the
    // repetition counts.
    finish: async (reply) => {
      const { current } = await rootKeyOf(deps.secrets);
      const sealed = sealAnswer(current, { tenant: asked.tenant, id }, reply, randomBytes(nonceBytes));
      await write({ request, sealed }, version);
    },
    release: async () => {
      await records.remove(partition, id, version);
    },
  };
};

const rootKeyOf = async (secrets: Secrets) => {
  const rootKey = await secrets.get('rootKey');
  if (rootKey) return rootKey;
  throw new OperatorMustFix(
    'There is no secret "rootKey" to seal remembered answers with. Add one to what SLUICE_SECRETS names; make it with: openssl rand -base64 32',
  );
};

/** A text in quotes, as the draft has it, or bare, as most clients send it. */
const keyText = (header: string): string | undefined => {
  const [, quoted] = /^"([\x20\x21\x23-\x5b\x5d-\x7e]+)"$/.exec(header.trim()) ?? [];
  const text = quoted ?? header.trim();
  return /^[\x21\x23-\x5b\x5d-\x7e][\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(text) && text.length <= maxKeyLength
    ? text
    : undefined;
};

const badKey = problem('invalid-headers', 'Correct Idempotency-Key and send it again.', [
  {
    header: 'Idempotency-Key',
    detail: `must be 1 to ${maxKeyLength} visible ASCII characters, best a new UUID for every request.`,
  },
]);

const otherRequest = problem(
  'key-used-before',
  'This Idempotency-Key was sent with another method, path or body in the last 24 hours. Take a new key for a new request.',
);

const doneBefore = problem(
  'conflict',
  'This request was done before, but its answer was sealed under a root key that is gone. Read what is there, or take a new key.',
);

const underWay = problem(
  'conflict',
  'The first request with this Idempotency-Key is still under way. Repeat it in a few seconds to read its answer.',
);

const mayBeDone = problem(
  'conflict',
  'The first request with this Idempotency-Key failed midway, and may have been done. Look at what is there, then send what is missing with a new key.',
);
