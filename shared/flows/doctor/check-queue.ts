import type { QueueDiagnosis, QueueFacts } from '../../ports/diagnosis.ts';
import { type Finding, ok, warning } from './finding.ts';
import type { Check } from './run-checks.ts';
import { count } from './words.ts';

/** The queue can be reached, and nobody has forgotten to empty it. No message is sent. */
export const queueCheck = (queue: QueueDiagnosis): Check => ({
  name: 'queue',
  run: async () => {
    const facts = await queue.look();
    return [facts.kind === 'seen' ? judgeQueue(facts.value) : hidden(facts.reason)];
  },
});

const hidden = (reason: string): Finding =>
  warning(
    'queue',
    `It cannot be checked: ${reason}.`,
    'Give whoever runs doctor that right; the functions do not need it.',
  );

/** So many wake-ups wait only when nobody handles them: there is at most one under way for each subscription. */
const manyWaiting = 1000;

const judgeQueue = (facts: QueueFacts): Finding => {
  const check = 'queue';
  switch (facts.kind) {
    case 'inline':
      return ok(check, 'Whoever pulls delivers too: there is no queue.');
    case 'sqs':
      if (facts.waiting > manyWaiting)
        return warning(
          check,
          `${count(facts.waiting, 'wake-up')} wait and ${facts.underWay} are handled.`,
          'Look whether the deliver function runs, and at its log.',
        );
      return facts.deadLetters === 'none'
        ? warning(
            check,
            'The queue has no dead-letter queue: a wake-up that fails again and again is repeated until it expires.',
            'Give it a redrive policy, as serverless.yml does.',
          )
        : ok(check, `SQS answers; ${count(facts.waiting, 'wake-up')} wait, ${facts.underWay} are handled.`);
    default:
      return facts satisfies never;
  }
};
