import { type Problem, problem } from '../core/problem.ts';
import type { Answer, Refusal } from '../flows/manage/answer.ts';
import { changedMeanwhile, entityTag } from './conditions.ts';
import type { Reply } from './operation.ts';

/** What a flow answered, as HTTP. */
export const replyTo = <Value>(answer: Answer<Value>, reply: (value: Value) => Reply): Reply =>
  answer.kind === 'done' ? reply(answer.value) : refusalReply(answer);

/** A record with its version as entity tag. */
export const withVersion = (body: unknown, version: number, status = 200): Reply => ({
  status,
  body,
  headers: { ETag: entityTag(version) },
});

export const problemReply = (told: Problem, headers: Reply['headers'] = {}): Reply => ({
  status: told.status,
  body: told,
  headers: { 'Content-Type': 'application/problem+json', ...headers },
});

export const nothingHere = problemReply(
  problem('not-found', 'Nothing of yours has this id. Take the id from the answer that created it, or from the list.'),
);

const refusalReply = (refusal: Refusal): Reply => {
  switch (refusal.kind) {
    case 'not found':
      return nothingHere;
    case 'changed elsewhere':
      return problemReply(changedMeanwhile, { ETag: entityTag(refusal.version) });
    case 'refused':
      return refusedReply(refusal);
    default:
      return refusal satisfies never;
  }
};

const refusedReply = ({ reason, detail, retryAfterMs = 1_000 }: Extract<Refusal, { kind: 'refused' }>): Reply => {
  switch (reason) {
    case 'not now':
      return problemReply(problem('too-many-requests', detail), {
        'Retry-After': `${Math.max(1, Math.ceil(retryAfterMs / 1_000))}`,
      });
    case 'not allowed':
      return problemReply(problem('forbidden', detail));
    case 'kept in the file':
    case 'too many':
    case 'wrong state':
    case 'not in the journal':
      return problemReply(problem('conflict', detail));
    default:
      return reason satisfies never;
  }
};
