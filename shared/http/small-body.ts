import { bodyLimit } from 'hono/body-limit';
import { problem } from '../core/problem.ts';
import { answerProblem } from './answer-problem.ts';
import { maxBodyBytes } from './read-body.ts';

/** Refuses a body that is too large: at once if its Content-Length says so, otherwise as soon as too much has come. */
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
