import { bodyLimit } from 'hono/body-limit';
import { problem } from '../core/problem.ts';
import { answerProblem } from './answer-problem.ts';
import { maxBodyBytes } from './read-body.ts';

/** A body that is too large is refused by what it says of its length, or as soon as more has come. */
export const smallBody = bodyLimit({
  maxSize: maxBodyBytes,
  onError: (context) =>
    answerProblem(
      context,
      problem(
        'body-too-large',
        `Send at most ${maxBodyBytes} bytes: a description, a filter or a list must be shorter.`,
      ),
    ),
});
