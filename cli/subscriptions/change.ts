import type { Command } from 'commander';
import { commandLine } from '../../shared/flows/manage/caller.ts';
import { changeSubscription } from '../../shared/flows/manage/change-subscription.ts';
import { type Created, createSubscription } from '../../shared/flows/manage/create-subscription.ts';
import { deleteSubscription } from '../../shared/flows/manage/delete-subscription.ts';
import { answerValue } from '../answer-value.ts';
import { type CommonOptions, command } from '../command.ts';
import { expectedBy, ifVersionOption, type VersionOptions } from '../if-version.ts';
import { withManage } from '../manage-deps.ts';
import type { Terminal } from '../terminal.ts';
import { foundValue } from './found-value.ts';
import { printSigning } from './print-signing.ts';
import { printView } from './read.ts';
import { type WrittenOptions, withWrittenOptions, writtenBy, writtenFrom } from './written.ts';

interface CreateOptions extends WrittenOptions {
  readonly tenant?: string;
  readonly start?: string;
}

export const createCommand = (terminal: Terminal): Command =>
  withWrittenOptions(command('create', 'makes a subscription; prints its id, and this once its signing secret'))
    .argument('[file]', 'JSON, as the body of POST /v1/subscriptions; - for what is piped in')
    .option('--tenant <id>', "whose events; * for everybody's")
    .option('--poll', 'the customer fetches: GET /v1/subscriptions/{id}/batches')
    .option('--start <when>', 'now (default), beginning, or an instant')
    .action(async (file: string | undefined, options: CreateOptions) => {
      const { tenant, start } = options;
      const said = {
        ...(tenant !== undefined && { tenant }),
        ...(start !== undefined && { start }),
        ...writtenBy(options),
      };
      const written = await writtenFrom(terminal, file, said);
      const created = await withManage(terminal, options, async (deps) =>
        answerValue(await createSubscription(deps, commandLine, written), 'tenant'),
      );
      if (options.json) return terminal.print(JSON.stringify(created));
      terminal.print(created.subscription.id);
      if (created.signing) printSigning(terminal, created.subscription, created.signing);
      for (const line of whatNow(created)) terminal.say(line);
    });

const whatNow = ({ subscription: { id, destination, state }, signing }: Created): readonly string[] => [
  `Subscription ${id} is ${state}.`,
  ...(signing ? ['Its receiver verifies with the secret above; keep it where the receiver finds it.'] : []),
  ...(state === 'pending'
    ? [
        `Nothing but a challenge is sent until the endpoint repeats it. How it fares: npx sluice subscriptions show ${id}`,
      ]
    : []),
  ...(destination.type === 'poll'
    ? [`It is fetched with a key of its tenant: GET /v1/subscriptions/${id}/batches`]
    : []),
];

export const changeCommand = (terminal: Terminal): Command =>
  withWrittenOptions(ifVersionOption(command('change', 'changes what is written and leaves the rest')))
    .argument('<id>', 'of the subscription')
    .argument('[file]', 'a JSON merge patch, as the body of PATCH; - for what is piped in')
    .action(async (id: string, file: string | undefined, options: WrittenOptions & VersionOptions) => {
      const patch = await writtenFrom(terminal, file, writtenBy(options));
      const view = await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await changeSubscription(deps, commandLine, id, patch, expectedBy(options))),
      );
      printView(terminal, options, view);
    });

export const deleteCommand = (terminal: Terminal): Command =>
  ifVersionOption(command('delete', 'ends a subscription for good; the journal keeps its events'))
    .argument('<id>', 'of the subscription')
    .action(async (id: string, options: CommonOptions & VersionOptions) => {
      await withManage(terminal, options, async (deps) =>
        foundValue(deps, id, await deleteSubscription(deps, commandLine, id, expectedBy(options))),
      );
      if (options.json) terminal.print(JSON.stringify({ id, result: 'deleted' }));
      terminal.say(`Subscription ${id} is deleted. What it has not received stays in the journal.`);
    });
